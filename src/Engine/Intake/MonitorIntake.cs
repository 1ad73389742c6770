using System.Threading.Channels;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Takes what the sources declare into the fleet: gives each monitor the id and the generation that belong to it, keeps the last good form of one
/// whose spec turned wrong, and rebuilds from the store what a restart must not lose.
/// </summary>
internal sealed class MonitorIntake(
    IEnumerable<IMonitorSource> sources,
    IResultStore store,
    Fleet fleet,
    ChangeFeed feed,
    Dispatcher dispatcher,
    ResultPipeline pipeline,
    IntakeProgress progress,
    PipelineMetrics metrics,
    IPoolDirectory pools,
    IChannelDirectory channels,
    BlindTimes blind,
    TimeProvider time,
    ILogger<MonitorIntake> log) : BackgroundService
{
    // Bounds the histories in memory at once, and how long first checks wait at a start with thousands.
    private const int MaxBatch = 200;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // No source is much further than what is taken in: at a start its reading must not keep the first monitors from their checks.
    private readonly Channel<MonitorEvent> _events =
        Channel.CreateBounded<MonitorEvent>(new BoundedChannelOptions(MaxBatch) { SingleReader = true });

    private readonly HistoryReader _histories = new(store, log);
    private readonly Dictionary<MonitorKey, StoredMonitor> _rows = [];
    // Windows that became longer or shorter and wait for their samples: kept, because reading them may have to be tried again.
    private readonly HashSet<MonitorKey> _refill = [];
    private int _unsynced;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await UntilStoredAsync(ReadRowsAsync, stoppingToken);
        var watched = sources.ToList();
        _unsynced = watched.Count;
        // None of the parts ends by itself: the first that does takes the others along, and what it threw stops the program loudly.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] parts = [.. watched.Select(s => WatchAsync(s, ended.Token)), ApplyAllAsync(ended.Token)];
        var first = await Task.WhenAny(parts);
        await ended.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task WatchAsync(IMonitorSource source, CancellationToken cancellationToken)
    {
        await foreach (var change in source.WatchAsync(cancellationToken))
            await _events.Writer.WriteAsync(change, cancellationToken);
    }

    private async Task ApplyAllAsync(CancellationToken cancellationToken)
    {
        var batch = new List<MonitorEvent>();
        while (await _events.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _events.Reader.TryRead(out var change))
                batch.Add(change);
            await UntilStoredAsync(ct => ApplyAsync(batch, ct), cancellationToken);
        }
    }

    private async Task ReadRowsAsync(CancellationToken cancellationToken)
    {
        await store.InitializeAsync(cancellationToken);
        foreach (var row in await store.ReadMonitorsAsync(cancellationToken))
            _rows[row.Key] = row;
        blind.Recall(await store.ReadBlindTimesAsync(cancellationToken));
    }

    private async Task ApplyAsync(List<MonitorEvent> batch, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // The last word on each name counts: what came before it in the same batch never was in force.
        var declared = new Dictionary<MonitorKey, MonitorDeclaration>();
        var removed = new HashSet<MonitorKey>();
        var synced = 0;
        foreach (var change in batch)
        {
            switch (change)
            {
                case MonitorDeclared { Declaration: var declaration }:
                    declared[declaration.Key] = declaration;
                    break;
                case MonitorRemoved { Key: var key }:
                    declared.Remove(key);
                    removed.Add(key);
                    break;
                case MonitorsSynced:
                    synced++;
                    break;
            }
        }
        await RemoveAsync(removed, now, cancellationToken);
        await DeclareAsync(declared.Values, now, cancellationToken);
        if (synced > 0 && _unsynced == synced)
        {
            var gone = _rows.Values.Where(r => r.DeletedAt is null && !fleet.TryGet(r.Key, out _)).Select(r => r.Key);
            await RemoveAsync([.. gone], now, cancellationToken);
            progress.Synced();
            Log.Synced(log, fleet.Count);
        }
        _unsynced -= synced; // Last: what came before may be tried again.
        dispatcher.Replan();
    }

    private async Task RemoveAsync(IReadOnlyCollection<MonitorKey> keys, long now, CancellationToken cancellationToken)
    {
        var rows = keys.Where(k => _rows.TryGetValue(k, out var row) && row.DeletedAt is null).Select(k => _rows[k] with { DeletedAt = now }).ToList();
        await SaveAsync(rows, cancellationToken);
        foreach (var row in rows)
        {
            if (!fleet.TryGet(row.Key, out var state))
                continue;
            fleet.Remove(state);
            feed.ServiceRemoved(state.Id, row.Key);
            Log.Removed(log, row.Key);
        }
    }

    private async Task DeclareAsync(IReadOnlyCollection<MonitorDeclaration> declarations, long now, CancellationToken cancellationToken)
    {
        var steps = declarations.Select(d => IntakeStep.Decide(d, _rows.GetValueOrDefault(d.Key), now)).ToList();
        await SaveAsync([.. steps.Where(s => s.RowChanged).Select(s => s.Row)], cancellationToken);
        // Equal to what the store gave, and made of the declaration's own texts: the store's copies of a manifest and its names can go.
        foreach (var step in steps.Where(s => !s.RowChanged))
        {
            _rows.Remove(step.Row.Key);
            _rows.Add(step.Row.Key, step.Row);
        }
        var anew = steps.Where(s => s.Monitor is not null && !fleet.TryGet(s.Row.Key, out _)).Select(s => (_rows[s.Row.Key], s.Monitor!, s.Row.Id == 0));
        var histories = await _histories.ReadAsync([.. anew], now, cancellationToken);
        foreach (var step in steps)
        {
            var saved = step with { Row = _rows[step.Row.Key] };
            try
            {
                if (fleet.TryGet(saved.Row.Key, out var state))
                    await ChangeAsync(state, saved, now, cancellationToken);
                else if (saved.Monitor is null)
                    Add(saved, MonitorHistory.None, now);
                else if (histories.TryGetValue(saved.Row.Key, out var history))
                    Add(saved, history, now);
            }
            catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
            {
                Log.FaultyDeclaration(log, e, saved.Row.Key);
            }
        }
    }

    private void Add(IntakeStep step, MonitorHistory history, long now)
    {
        var state = new MonitorState(step.Row, step.Declaration, step.Monitor, now, blind);
        if (step.Monitor is not null)
            state.Rebuild(history, now);
        state.SetMissing(new(pools.Missing(step.Monitor), channels.Missing(step.Monitor)), now);
        fleet.Add(state);
        pipeline.MarkLater(state);
        feed.ServiceChanged(state.Id);
        Say(step);
    }

    private async Task ChangeAsync(MonitorState state, IntakeStep step, long now, CancellationToken cancellationToken)
    {
        if (state.Monitor is { } before && step.Monitor is not null && before.Spec.Window != step.Monitor.Spec.Window)
            _refill.Add(step.Row.Key);
        if (state.Stored.Uid != step.Row.Uid)
            fleet.Remove(state);
        if (state.Declare(step.Row, step.Declaration, step.Monitor, now))
            pipeline.MarkLater(state);
        state.SetMissing(new(pools.Missing(step.Monitor), channels.Missing(step.Monitor)), now);
        fleet.Add(state);
        if (step.Monitor is not null && _refill.Contains(step.Row.Key))
        {
            state.Refill(await MonitorHistory.ReadWindowAsync(store, step.Row, step.Monitor, now, cancellationToken), now);
            _refill.Remove(step.Row.Key);
        }
        feed.ServiceChanged(state.Id);
        Say(step);
    }

    private async Task SaveAsync(List<StoredMonitor> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return;
        var ids = await store.SaveMonitorsAsync(rows, cancellationToken);
        for (var i = 0; i < rows.Count; i++)
        {
            var anew = !_rows.TryGetValue(rows[i].Key, out var before) || before.CountsFrom != rows[i].CountsFrom;
            _rows[rows[i].Key] = rows[i] with { Id = ids[i], Health = anew ? null : rows[i].Health };
        }
    }

    private void Say(IntakeStep step)
    {
        if (step.Declaration.Errors.Count > 0)
            Log.Invalid(log, step.Row.Key, step.Declaration.Origin, string.Join("; ", step.Declaration.Errors.Take(5)));
        else
            Log.Declared(log, step.Row.Key, step.Row.Id, step.Row.Generation);
    }

    // Without its store the intake can give no ids: it waits, and what it has declared so far goes on.
    private async Task UntilStoredAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await act(cancellationToken);
                if (progress.StoreProblem is not null)
                    metrics.StoreAnswered(true);
                progress.Waiting(null);
                return;
            }
            catch (StoreUnavailableException e)
            {
                metrics.StoreAnswered(false);
                if (progress.Waiting(e.Message))
                    Log.StoreAway(log, e.Message);
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }
}
