using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Leadership;

/// <summary>
/// Leads without an election, as soon as the store is its own. Should two such processes share a database, then the one that was started last goes on and the
/// other ends: nobody starts one by accident and finds that nothing happens.
/// </summary>
internal sealed class SoleLeader(StoreClaim claim, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<SoleLeader> log)
    : Candidate(lifetime, log), IHostedLifecycleService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly string Name = Environment.MachineName;

    private bool _claimed;

    /// <inheritdoc/>
    public override string? Leader => Elected.IsCompletedSuccessfully && !Lost.IsCancellationRequested ? Name : null;

    /// <summary>
    /// Opens the store before anything else starts. One that must not be used (damaged, written by a newer version) stops the program; one that is away does not.
    /// </summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _claimed = await claim.TryAsync(cancellationToken);
        // A store of one process needs no taking over: its stages wait for it themselves.
        if (_claimed || !claim.IsFenced)
            Win();
        else
            Say("The store is away, so the monitors cannot be read: try again in some seconds.");
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!claim.IsFenced || !await ClaimedAsync(stoppingToken))
            return;
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await claim.LookAsync(stoppingToken) != StoreHold.Taken)
                continue;
            Lose("Another HealthTrack process took the database over: of two that share one, the one started last goes on. Give each a database of its own, or run one.");
            return;
        }
    }

    // False: the store came back as one that must not be used, and the process ends.
    private async Task<bool> ClaimedAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!_claimed)
                await claim.TakeAsync(stoppingToken);
        }
        catch (Storage.StoreRefusedException e)
        {
            Lose(e.Message);
            return false;
        }
        Say(null);
        Win();
        return true;
    }
}
