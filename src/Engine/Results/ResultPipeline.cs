using System.Collections.Concurrent;
using System.Threading.Channels;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Results;

/// <summary>Results on their way in, and whom to tell once they are stored.</summary>
/// <param name="Results">Oldest first.</param>
/// <param name="Location">The pool that they may be of.</param>
/// <param name="Acknowledge">Called once, when all of them are stored or refused for good.</param>
/// <param name="Refuses">Why one of them is refused for who sent it, as the value of a metric's label; null: for no reason.</param>
internal sealed record IncomingResults(
    IReadOnlyList<CheckResult> Results, string Location, Action Acknowledge, Func<CheckResult, string?>? Refuses = null);

/// <summary>
/// The whole way of a result: admit, store, fold into windows and health, tell, mark. Results are acknowledged once they are stored. While the store
/// is away they are folded at once and held, and stored when it is back; nobody waits for it but the acknowledgement. Where too many are held, no more are taken in:
/// the links wait, and the workers keep what they find.
/// </summary>
internal sealed class ResultPipeline(
    IResultStore store, Fleet fleet, ChangeFeed feed, ManualChecks manualChecks, HealthSweep sweep, PipelineMetrics metrics, TimeProvider time, ILogger<ResultPipeline> log,
    HeldResults? held = null, IntakeProgress? intake = null)
    : BackgroundService
{
    /// <summary>Batches that wait to be taken in; who sends more waits.</summary>
    internal const int MaxWaiting = 512;

    private const int MaxBatch = 5000;
    private static readonly TimeSpan MinRetry = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(10);

    private readonly Channel<IncomingResults> _incoming =
        Channel.CreateBounded<IncomingResults>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly ResultWriter _writer = new(store, metrics, log);
    private readonly HeldResults _held = held ?? new();
    private readonly ConcurrentDictionary<long, MonitorState> _unmarked = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool>? _arrival;

    /// <summary>Results that wait for the store.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Batches that wait to be taken in.</summary>
    internal int Waiting => _incoming.Reader.Count;

    /// <summary>Hands results in; waits while the pipeline is full.</summary>
    public ValueTask WriteAsync(IncomingResults results, CancellationToken cancellationToken) =>
        _incoming.Writer.WriteAsync(results, cancellationToken);

    /// <summary>A monitor's health mark changed outside the pipeline: it is saved with the next round.</summary>
    public void MarkLater(MonitorState state) => _unmarked[state.Id] = state;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await FleetIsKnownAsync(stoppingToken))
            return;
        var retry = MinRetry;
        long? failedAt = null;
        while (await WaitForWorkAsync(retry, stoppingToken))
        {
            if (_held.IsFull && _closing.Task.IsCompleted)
                break;
            var arrived = _held.IsFull ? [] : Drain();
            // What arrives while the store is away does not wait for the next try: a try may take as long as a lock or a connection does.
            if (failedAt is { } failed && time.GetElapsedTime(failed) < retry)
            {
                Hold(arrived, Admit(arrived));
                sweep.RunWhenDue(MarkLater);
                continue;
            }
            var stored = await StoreAndFoldAsync(arrived, stoppingToken) && await MarkAsync(stoppingToken);
            sweep.RunWhenDue(MarkLater);
            failedAt = stored ? null : time.GetTimestamp();
            retry = stored ? MinRetry : retry * 2 < MaxRetry ? retry * 2 : MaxRetry;
        }
        stoppingToken.ThrowIfCancellationRequested();
        // The last results of the workers, and what waited for a try that was not due yet.
        if (await StoreAndFoldAsync(Drain(), stoppingToken))
            await MarkAsync(stoppingToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The workers have stopped before: what they sent is stored before the process ends.
        _incoming.Writer.TryComplete();
        _closing.TrySetResult();
        if (ExecuteTask is { } running)
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        if (_held.Count > 0)
            Log.HeldResultsLost(log, _held.Count);
    }

    // Workers that outlived the last leader send at once, and before all that is declared has been read their monitors would count as unknown: what they send
    // waits unacknowledged, as much as the channel holds, and their links wait behind it. False when the pipeline ends before that.
    private async Task<bool> FleetIsKnownAsync(CancellationToken stoppingToken)
    {
        if (intake is null)
            return true;
        await Task.WhenAny(intake.FirstSync, _closing.Task).WaitAsync(stoppingToken);
        return intake.FirstSync.IsCompleted;
    }

    // True when results arrived, held ones are due for another try, or the sweep is due. False when the pipeline is to end.
    private async Task<bool> WaitForWorkAsync(TimeSpan retry, CancellationToken stoppingToken)
    {
        if (_incoming.Reader.Completion.IsCompleted)
            return false;
        var waiting = _held.Count > 0 || !_unmarked.IsEmpty;
        // What has arrived is no work while it is not taken in.
        if (_held.IsFull)
        {
            await Task.Delay(retry < HealthSweep.Period ? retry : HealthSweep.Period, time, stoppingToken);
            return true;
        }
        // One wait until something arrives, however often the clock comes first: the channel keeps each one that is begun.
        var arrival = _arrival ??= _incoming.Reader.WaitToReadAsync(stoppingToken).AsTask();
        using var arrived = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(arrival, Task.Delay(waiting && retry < HealthSweep.Period ? retry : HealthSweep.Period, time, arrived.Token));
        await arrived.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
        if (!arrival.IsCompleted)
            return true;
        _arrival = null;
        return await arrival;
    }

    private List<IncomingResults> Drain()
    {
        var arrived = new List<IncomingResults>();
        var count = 0;
        while (count < MaxBatch && _incoming.Reader.TryRead(out var results))
        {
            arrived.Add(results);
            count += results.Results.Count;
        }
        return arrived;
    }

    private async Task<bool> StoreAndFoldAsync(List<IncomingResults> arrived, CancellationToken cancellationToken)
    {
        var admitted = Admit(arrived);
        try
        {
            if (_held.Count > 0 && !await TryStoreHeldAsync(cancellationToken))
            {
                Hold(arrived, admitted);
                return false;
            }
            var ids = await _writer.StoreAsync(admitted, cancellationToken);
            for (var i = 0; i < admitted.Count; i++)
            {
                if (ids[i] != 0)
                    Fold(admitted[i], ids[i]);
                else
                    metrics.Duplicate();
            }
            foreach (var results in arrived)
                results.Acknowledge();
            return true;
        }
        catch (StoreUnavailableException e)
        {
            SayAway(e);
            Hold(arrived, admitted);
            return false;
        }
    }

    private List<AdmittedResult> Admit(List<IncomingResults> arrived)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var admitted = new List<AdmittedResult>();
        foreach (var results in arrived)
        {
            foreach (var result in results.Results)
            {
                var refusal = Admission.Refuses(result, results.Location, fleet, now, out var state) ?? results.Refuses?.Invoke(result);
                if (refusal is null)
                    admitted.Add(new AdmittedResult(state!, result));
                else
                    metrics.Refused(refusal);
            }
        }
        return admitted;
    }

    // The store is away: what is new changes windows and health now, and is kept for the store.
    private void Hold(List<IncomingResults> arrived, List<AdmittedResult> admitted)
    {
        foreach (var result in admitted)
        {
            if (_held.Contains(result.Result.Id) || result.State.Holds(result.Result.Id))
                continue;
            _held.Add(result);
            Fold(result, 0);
        }
        foreach (var results in arrived)
            _held.AcknowledgeLater(results.Acknowledge);
        metrics.Held(_held.Count);
    }

    private async Task<bool> TryStoreHeldAsync(CancellationToken cancellationToken)
    {
        var count = _held.Count;
        try
        {
            while (_held.Peek(MaxBatch) is { Count: > 0 } batch)
            {
                await _writer.StoreAsync(batch, cancellationToken);
                _held.Remove(batch.Count);
                metrics.Held(_held.Count);
            }
        }
        catch (StoreUnavailableException e)
        {
            SayAway(e);
            return false;
        }
        foreach (var acknowledge in _held.TakeAcknowledgements())
            acknowledge();
        Log.StoreBack(log, count);
        return true;
    }

    private void Fold(AdmittedResult admitted, long checkId)
    {
        var (state, result) = admitted;
        try
        {
            if (state.Record(result, time.GetUtcNow().ToUnixTimeMilliseconds()))
                MarkLater(state);
            feed.CheckMade(state.Id, checkId, result);
            feed.ServiceChanged(state.Id);
            manualChecks.Complete(result, checkId);
        }
        catch (Exception e)
        {
            metrics.Faulty();
            Log.FaultyResult(log, e, result.Id);
        }
    }

    // A restart must know that a monitor is Unhealthy even where the tail of its checks alone would not say so.
    private async Task<bool> MarkAsync(CancellationToken cancellationToken)
    {
        var states = _unmarked.Values;
        if (states.Count == 0)
            return true;
        foreach (var state in states)
            _unmarked.TryRemove(state.Id, out _);
        try
        {
            var unsaved = states.Select(state => (State: state, Health: state.Mark())).ToList();
            metrics.TurnsDropped(unsaved.Sum(u => u.Health.Dropped));
            await store.SaveHealthAsync([.. unsaved.Select(u => u.Health.Mark)], [.. unsaved.SelectMany(u => u.Health.Changes)], cancellationToken);
            metrics.StoreAnswered(true);
            foreach (var (state, health) in unsaved)
                state.Marked(health);
            return true;
        }
        catch (StoreUnavailableException e)
        {
            SayAway(e);
            foreach (var state in states)
                MarkLater(state);
            return false;
        }
    }

    private void SayAway(StoreUnavailableException problem)
    {
        if (metrics.StoreAnswered(false))
            Log.StoreAway(log, problem.Message);
    }
}
