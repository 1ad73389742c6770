using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>Keeps in the store who is connected, for the next leader. What the store cannot take now it is told later.</summary>
internal sealed class WorkerMemory(WorkerRoster roster, IWorkerStore store, TimeProvider time, ILogger<WorkerMemory> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan RecallLimit = TimeSpan.FromSeconds(3);

    /// <summary>The workers that the leader before knew; none where the store is away: whoever comes is planned for then.</summary>
    public async Task<IReadOnlyList<StoredWorker>> RecallAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadWorkersAsync(cancellationToken).WaitAsync(RecallLimit, time, cancellationToken);
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            Log.NobodyRecalled(log, e.Message);
            return [];
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await SaveAsync(stoppingToken);
    }

    /// <summary>Tells the store what is new.</summary>
    internal async Task SaveAsync(CancellationToken cancellationToken)
    {
        var news = roster.TakeNews();
        if (news.Count == 0)
            return;
        try
        {
            await store.SaveWorkersAsync(
                [.. news.Values.OfType<StoredWorker>()], [.. news.Where(n => n.Value is null).Select(n => n.Key)], cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // That the store is away is said where results wait for it.
            roster.GiveBack(news);
        }
    }
}
