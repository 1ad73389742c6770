using System.Threading.Channels;
using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>
/// The one truth of what is to be told: a notification is written with its alert before it is sent. While the store is away it goes out directly, under the id that
/// it keeps, and is written later; a crash in that time may repeat one and loses none that was written. Whoever adds never waits for the store: one writer, this stage,
/// asks it.
/// </summary>
internal sealed class Outbox(IResultStore store, AlertMetrics metrics, TimeProvider time, ILogger<Outbox> log) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // A store that freezes is away, long before its driver says so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<QueuedNotification> _ready = Channel.CreateUnbounded<QueuedNotification>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, AlertRecord> _alerts = [];
    private readonly Dictionary<(long, long), Incident> _incidents = [];
    private readonly List<Notification> _notifications = [];
    private readonly Dictionary<(string, ChannelKey), DeliveryRecord> _deliveries = [];
    private readonly List<NewEvent> _events = [];
    private TaskCompletionSource _round = NewRound();
    // How many of the notifications, from the first, were handed on already.
    private int _handed;
    private bool _away;
    private bool _fenced;

    /// <summary>What may be sent now.</summary>
    public ChannelReader<QueuedNotification> Ready => _ready.Reader;

    /// <summary>Whether another process has taken the store over: this one tells nobody anything any more.</summary>
    public bool IsFenced => Volatile.Read(ref _fenced);

    /// <summary>Takes changes. They are written next, and then what is to be told is handed on; at once where the store is known to be away.</summary>
    /// <returns>Completes when they are written, or known not to be for now.</returns>
    public Task Add(AlertChanges changes)
    {
        if (changes.IsEmpty)
            return Task.CompletedTask;
        Task round;
        lock (_gate)
        {
            foreach (var alert in changes.Alerts)
            {
                _alerts[alert.Id] = alert;
                // Each state by itself, also where the next one comes before the first is written.
                if (alert.State != AlertState.Pending)
                    _events.Add(EventContent.Of(alert));
            }
            foreach (var incident in changes.Incidents)
                _incidents[(incident.Subject.ServiceId, incident.StartedAt)] = incident;
            _notifications.AddRange(changes.Notifications);
            metrics.Unwritten(_notifications.Count);
            if (_away)
                HandOn(written: false);
            round = _away ? Task.CompletedTask : _round.Task;
        }
        _changed.Writer.TryWrite(true);
        return round;
    }

    /// <summary>Takes what became of a delivery: the last word of each is kept.</summary>
    public void Add(DeliveryRecord delivery)
    {
        lock (_gate)
            _deliveries[(delivery.NotificationId, delivery.Channel)] = delivery;
        _changed.Writer.TryWrite(true);
    }

    /// <summary>Takes what an earlier life of the process left unsent.</summary>
    public void Resume(IEnumerable<QueuedNotification> waiting)
    {
        foreach (var notification in waiting)
            _ready.Writer.TryWrite(notification);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _changed.Reader.ReadAsync(stoppingToken))
            {
                while (!await WriteAsync(stoppingToken))
                    await Task.Delay(Retry, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What the other stages left behind when they stopped; a process that no longer leads is refused by the store.
            using var limit = new CancellationTokenSource(Patience, time);
            await WriteAsync(limit.Token);
        }
    }

    // False while the store is away.
    private async Task<bool> WriteAsync(CancellationToken cancellationToken)
    {
        AlertChanges changes;
        Dictionary<(string, ChannelKey), DeliveryRecord> deliveries;
        TaskCompletionSource round;
        lock (_gate)
        {
            changes = new AlertChanges([.. _alerts.Values], [.. _incidents.Values], [.. _notifications]) { Events = [.. _events] };
            deliveries = new(_deliveries);
            (round, _round) = (_round, NewRound());
        }
        try
        {
            var writing = WriteAsync(changes, deliveries, cancellationToken);
            using (var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                if (await Task.WhenAny(writing, Task.Delay(Patience, time, answered.Token)) != writing && !cancellationToken.IsCancellationRequested)
                {
                    Away($"it has not answered for {Patience.TotalSeconds:0} s.");
                    round.TrySetResult();
                }
                await answered.CancelAsync();
            }
            await writing;
            Volatile.Write(ref _away, false);
            return true;
        }
        catch (StoreFencedException e)
        {
            if (!IsFenced)
                Log.OutboxFenced(log, e.Message);
            Volatile.Write(ref _fenced, true);
            return false;
        }
        catch (StoreUnavailableException e)
        {
            Away(e.Message);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.OutboxBroke(log, e);
            Away("a defect: see the log.");
            return false;
        }
        finally
        {
            round.TrySetResult();
        }
    }

    private async Task WriteAsync(AlertChanges changes, Dictionary<(string, ChannelKey), DeliveryRecord> deliveries, CancellationToken cancellationToken)
    {
        if (!changes.IsEmpty)
        {
            await store.Alerts.SaveAlertsAsync(changes, cancellationToken);
            Written(changes);
        }
        if (deliveries.Count == 0)
            return;
        await store.Alerts.SaveDeliveriesAsync([.. deliveries.Values], cancellationToken);
        lock (_gate)
        {
            foreach (var (key, delivery) in deliveries)
            {
                if (_deliveries.GetValueOrDefault(key) == delivery)
                    _deliveries.Remove(key);
            }
        }
    }

    private void Written(AlertChanges changes)
    {
        lock (_gate)
        {
            // What changed meanwhile is another record, and stays to be written.
            foreach (var alert in changes.Alerts)
            {
                if (ReferenceEquals(_alerts.GetValueOrDefault(alert.Id), alert))
                    _alerts.Remove(alert.Id);
            }
            foreach (var incident in changes.Incidents)
            {
                var key = (incident.Subject.ServiceId, incident.StartedAt);
                if (ReferenceEquals(_incidents.GetValueOrDefault(key), incident))
                    _incidents.Remove(key);
            }
            HandOn(written: true, changes.Notifications.Count);
            _notifications.RemoveRange(0, changes.Notifications.Count);
            _handed -= changes.Notifications.Count;
            _events.RemoveRange(0, changes.Events.Count);
            metrics.Unwritten(_notifications.Count);
        }
    }

    private void Away(string problem)
    {
        lock (_gate)
        {
            if (!_away)
                Log.OutboxAway(log, problem);
            _away = true;
            HandOn(written: false);
        }
    }

    // Each is handed on once, whether it is written by then or not, and in their order: the first ones are. The gate is taken.
    private void HandOn(bool written, int? first = null)
    {
        for (; _handed < (first ?? _notifications.Count); _handed++)
        {
            var notification = _notifications[_handed];
            _ready.Writer.TryWrite(new QueuedNotification(notification, 0, notification.DecidedAt));
            if (!written)
                Log.SentUnwritten(log, notification.Id);
        }
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
