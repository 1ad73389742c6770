using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine.Leadership;

/// <summary>
/// A stage that acts, and so runs only in the process that leads: begun when it is elected, stopped in order with the program, and cut off, without time to
/// finish anything, when it leads no more. The stage itself knows nothing of it.
/// </summary>
internal sealed class LeaderStage<TStage>(TStage stage, ILeadership leadership) : BackgroundService, ILeaderStage
    where TStage : BackgroundService
{
    private readonly Lock _gate = new();
    private bool _stopped;

    /// <inheritdoc/>
    public string Name => typeof(TStage).Name;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            _stopped = true;
        if (stage.ExecuteTask is not null)
            await stage.StopAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await leadership.Elected.WaitAsync(stoppingToken);
        Task starting;
        lock (_gate)
        {
            if (_stopped)
                return;
            // A stage's own stop is linked to the token that it was started with.
            starting = stage.StartAsync(leadership.Lost);
        }
        await starting;
        try
        {
            await stage.ExecuteTask!;
        }
        catch (OperationCanceledException) when (leadership.Lost.IsCancellationRequested)
        {
            // As it should.
        }
    }
}

/// <summary>What can be said of a stage whatever it is.</summary>
internal interface ILeaderStage
{
    /// <summary>The stage's name.</summary>
    string Name { get; }
}

/// <summary>Registers such stages.</summary>
internal static class LeaderStages
{
    /// <summary>A stage that runs in the process that leads, and in no other.</summary>
    public static IServiceCollection AddLeaderStage<TStage>(this IServiceCollection services)
        where TStage : BackgroundService => services
        .AddSingleton<TStage>()
        .AddHostedService<LeaderStage<TStage>>();
}
