using System.Collections.Concurrent;
using System.Net;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Status;

/// <summary>
/// Writes what is known of each monitor into the status of its resource. Whoever changes is looked at; <see cref="StatusDecision"/> says whether that is
/// worth a write, and two buckets how many there are. A write that fails is tried again with what is known then, so that after an outage the newest state is
/// written once, not the history.
/// </summary>
internal sealed class StatusWriter : BackgroundService
{
    /// <summary>In whose name.</summary>
    public const string FieldManager = "healthtrack";

    private const int Workers = 16;
    private static readonly Backoff Tries = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));

    private readonly Fleet _fleet;
    private readonly ChangeFeed _feed;
    private readonly EntityControllerService<V1Alpha1ServiceMonitor> _watched;
    private readonly ResourceClient<V1Alpha1ServiceMonitor> _client;
    private readonly EventPublisher _publish;
    private readonly ILeaseHold _lease;
    private readonly StatusMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly WorkQueue<MonitorKey> _queue;
    private readonly TokenBucket _atOnce;
    private readonly TokenBucket _ordinary;
    private readonly ConcurrentDictionary<MonitorKey, (string Uid, WrittenStatus? Written)> _written = new();
    private readonly ConcurrentDictionary<MonitorKey, (StatusUrgency Urgency, DateTimeOffset At)> _turns = new();
    private bool _away;

    /// <param name="fleet">The monitors.</param>
    /// <param name="feed">Their changes.</param>
    /// <param name="watched">Their resources, as last seen.</param>
    /// <param name="client">Writes to them.</param>
    /// <param name="publish">Writes events.</param>
    /// <param name="lease">Whether they may be written.</param>
    /// <param name="metrics">Counts writes.</param>
    /// <param name="queue">Counts what waits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Says what goes wrong.</param>
    public StatusWriter(
        Fleet fleet, ChangeFeed feed, EntityControllerService<V1Alpha1ServiceMonitor> watched, ResourceClient<V1Alpha1ServiceMonitor> client,
        EventPublisher publish, ILeaseHold lease, StatusMetrics metrics, QueueMetrics queue, TimeProvider time, ILogger<StatusWriter> log)
    {
        (_fleet, _feed, _watched, _client, _publish, _lease, _metrics) = (fleet, feed, watched, client, publish, lease, metrics);
        (_time, _log) = (time, log);
        _queue = new WorkQueue<MonitorKey>(Tries, queue, time, IsFirstResult);
        _atOnce = new TokenBucket(200, 1000, time);
        _ordinary = new TokenBucket(5, 5, time);
    }

    /// <summary>Whether a status is being written, or waits to be.</summary>
    public bool IsBusy => _queue.IsBusy;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopped = stoppingToken.Register(_queue.Stop);
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None));
        await Task.WhenAll([FollowAsync(stoppingToken), .. workers]);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var last = _feed.Last;
        AddAll();
        var changes = new List<Change>();
        while (!cancellationToken.IsCancellationRequested)
        {
            await _feed.WaitAsync(last, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            changes.Clear();
            if (!_feed.TryRead(last, changes))
            {
                // Too far behind: everything may have changed.
                last = _feed.Last;
                AddAll();
                continue;
            }
            foreach (var change in changes)
                Follow(change);
            last = changes.Count > 0 ? changes[^1].Sequence : last;
        }
    }

    private void Follow(Change change)
    {
        if (change is ServiceRemoved { Key: var gone })
        {
            _written.TryRemove(gone, out _);
            GiveUpTurn(gone);
        }
        else if (_fleet.TryGet(change.ServiceId, out var state))
            _queue.Add(state.Key);
    }

    private void AddAll()
    {
        foreach (var state in _fleet.All)
            _queue.Add(state.Key);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (await _queue.TakeAsync(CancellationToken.None) is (true, var key))
        {
            try
            {
                if (await LookAsync(key, cancellationToken))
                    _queue.Forget(key);
                else
                    _queue.AddRateLimited(key);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The next start writes what is left.
            }
            catch (KubernetesApiException e)
            {
                Failed(key, e);
            }
            catch (Exception e)
            {
                Log.StatusBroken(_log, key, Again(key, null), e);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    // A server that is away, or takes nothing from us, is said once, not once a monitor.
    private void Failed(MonitorKey key, KubernetesApiException refusal)
    {
        var delay = Again(key, refusal);
        if (refusal.Status is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            Log.StatusFailed(_log, key, delay, refusal.Message);
        else if (Interlocked.Exchange(ref _away, true) is false)
            Log.StatusAway(_log, refusal.Message);
    }

    private TimeSpan Again(MonitorKey key, KubernetesApiException? refusal) => _queue.AddRateLimited(key, refusal?.RetryAfter ?? TimeSpan.Zero);

    // False: the status could not be written although its resource is there; to be tried again.
    private async Task<bool> LookAsync(MonitorKey key, CancellationToken cancellationToken)
    {
        if (!_fleet.TryGet(key, out var state))
            return true;
        var now = _time.GetUtcNow();
        var snapshot = state.Snapshot(now.ToUnixTimeMilliseconds());
        var uid = snapshot.Declaration.Uid;
        var written = Written(key, uid, now);
        var status = StatusBuilder.Build(snapshot, written?.Status);
        var decision = StatusDecision.For(written, status);
        if (decision.Urgency == StatusUrgency.None || (decision.Urgency == StatusUrgency.Ordinary && decision.NotBefore > now))
            GiveUpTurn(key); // A place that is not wanted now must not let it through later, and is another's meanwhile.
        if (decision.Urgency == StatusUrgency.None)
            return true;
        var wait = decision.Urgency == StatusUrgency.Ordinary && decision.NotBefore > now
            ? decision.NotBefore - now
            : UntilItsTurn(key, decision.Urgency, now);
        if (wait > TimeSpan.Zero)
        {
            _queue.AddAfter(key, wait);
            return true;
        }
        // Another process may lead: what it knows is newer. Asked last, because a process may have been frozen before it came here.
        if (!_lease.IsHeld)
            return false;
        _turns.TryRemove(key, out _);
        // Made again under the same name, it has nothing to do with what is known here: the source is about to say so.
        if (!IsThere(key, uid))
            return true;
        if (!await ApplyAsync(key, uid, status, decision.Urgency, cancellationToken))
        {
            // Not found, or a conflict: most often the incarnation is gone and the source is about to say so. While it still says otherwise, again.
            return !IsThere(key, uid);
        }
        _written[key] = (uid, new WrittenStatus(status, now));
        await TellAsync(snapshot, written?.Status, status, cancellationToken);
        return true;
    }

    // A place in the line is kept until it is used: a check that is made meanwhile must not send its monitor to the end.
    private TimeSpan UntilItsTurn(MonitorKey key, StatusUrgency urgency, DateTimeOffset now)
    {
        if (_turns.TryGetValue(key, out var turn) && turn.Urgency >= urgency)
            return turn.At - now;
        GiveUpTurn(key);
        var wait = Bucket(urgency).Reserve();
        _turns[key] = (urgency, now + wait);
        return wait;
    }

    private void GiveUpTurn(MonitorKey key)
    {
        if (_turns.TryRemove(key, out var turn))
            Bucket(turn.Urgency).Return();
    }

    private bool IsThere(MonitorKey key, string uid) => _watched.Find(new ResourceKey(key.Namespace, key.Name))?.Metadata.Uid == uid;

    // What is known to be accepted and not more: where a thousand are made at once, that the others are accepted goes before their first results.
    private bool IsFirstResult(MonitorKey key) => _written.TryGetValue(key, out var known) && known.Written?.Status.Health == nameof(Health.Unknown);

    private TokenBucket Bucket(StatusUrgency urgency) => urgency == StatusUrgency.AtOnce ? _atOnce : _ordinary;

    // What the resource holds, looked up once an incarnation: a restart must not write what is there already.
    private WrittenStatus? Written(MonitorKey key, string uid, DateTimeOffset now)
    {
        if (_written.TryGetValue(key, out var known) && known.Uid == uid)
            return known.Written;
        var live = _watched.Find(new ResourceKey(key.Namespace, key.Name));
        var written = live?.Metadata.Uid == uid && live.ReadStatus() is { } status ? new WrittenStatus(status, now) : null;
        _written[key] = (uid, written);
        return written;
    }

    // False: the API server does not know this incarnation, or not now.
    private async Task<bool> ApplyAsync(
        MonitorKey key, string uid, ServiceMonitorStatus status, StatusUrgency urgency, CancellationToken cancellationToken)
    {
        try
        {
            var there = await _client.ApplyStatusAsync(
                new ResourceKey(key.Namespace, key.Name), StatusJson.Apply(key, uid, status), FieldManager, cancellationToken, uid);
            _metrics.Written(urgency, success: there);
            if (Interlocked.Exchange(ref _away, false))
                Log.StatusBack(_log);
            return there;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.Conflict)
        {
            _metrics.Written(urgency, success: false);
            return false;
        }
        catch (KubernetesApiException)
        {
            _metrics.Written(urgency, success: false);
            throw;
        }
    }

    private async Task TellAsync(MonitorSnapshot snapshot, ServiceMonitorStatus? before, ServiceMonitorStatus now, CancellationToken cancellationToken)
    {
        foreach (var (reason, message, type) in HealthEvents.Between(before, now))
        {
            var entity = new V1Alpha1ServiceMonitor
            {
                ApiVersion = ServiceMonitor.GroupVersion,
                Kind = ServiceMonitor.KindName,
                Metadata = new() { Name = snapshot.Key.Name, NamespaceProperty = snapshot.Key.Namespace, Uid = snapshot.Declaration.Uid },
            };
            await _publish(entity, reason, message, type, cancellationToken);
        }
    }
}
