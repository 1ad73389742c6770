using System.Threading.Channels;
using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>
/// The one truth of what is to be told: a notification is written with its alert before it is sent. While the store is away it goes out directly, under the id that
/// it keeps, and is written later; a crash in that time may repeat one and loses none that was written.
/// </summary>
internal sealed class Outbox(IResultStore store, AlertMetrics metrics, ILogger<Outbox> log) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Channel<QueuedNotification> _ready = Channel.CreateUnbounded<QueuedNotification>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, AlertRecord> _alerts = [];
    private readonly Dictionary<(long, long), Incident> _incidents = [];
    private readonly List<(Notification Notification, bool Handed)> _notifications = [];
    private readonly List<DeliveryRecord> _deliveries = [];
    private readonly List<NewEvent> _events = [];
    private bool _away;

    /// <summary>What may be sent now.</summary>
    public ChannelReader<QueuedNotification> Ready => _ready.Reader;

    /// <summary>Why nothing is written now; null while it is.</summary>
    public bool StoreAway => Volatile.Read(ref _away);

    /// <summary>Takes changes; they are written, and what is to be told is handed on, with the next <see cref="FlushAsync"/>.</summary>
    public void Add(AlertChanges changes)
    {
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
            _notifications.AddRange(changes.Notifications.Select(n => (n, false)));
        }
    }

    /// <summary>Takes what became of a delivery.</summary>
    public void Add(DeliveryRecord delivery)
    {
        lock (_gate)
            _deliveries.Add(delivery);
    }

    /// <summary>Takes what an earlier life of the process left unsent.</summary>
    public void Resume(IEnumerable<QueuedNotification> waiting)
    {
        foreach (var notification in waiting)
            _ready.Writer.TryWrite(notification);
    }

    /// <summary>Writes all that there is, and hands on what is to be told: once it is written, or, while the store is away, at once.</summary>
    /// <returns>False while the store is away.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var (changes, deliveries) = Pending();
            if (changes.IsEmpty && deliveries.Count == 0)
                return true;
            try
            {
                await store.Alerts.SaveAlertsAsync(changes, cancellationToken);
                HandOn(changes.Notifications.Count, written: true);
                Written(changes);
                await store.Alerts.SaveDeliveriesAsync(deliveries, cancellationToken);
                lock (_gate)
                    _deliveries.RemoveRange(0, deliveries.Count);
                Volatile.Write(ref _away, false);
                return true;
            }
            catch (StoreUnavailableException e)
            {
                if (!Interlocked.Exchange(ref _away, true))
                    Log.OutboxAway(log, e.Message);
                HandOn(changes.Notifications.Count, written: false);
                return false;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private (AlertChanges Changes, List<DeliveryRecord> Deliveries) Pending()
    {
        lock (_gate)
        {
            metrics.Unwritten(_notifications.Count);
            return (new AlertChanges([.. _alerts.Values], [.. _incidents.Values], [.. _notifications.Select(n => n.Notification)]) { Events = [.. _events] }, [.. _deliveries]);
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
            _notifications.RemoveRange(0, changes.Notifications.Count);
            _events.RemoveRange(0, changes.Events.Count);
        }
    }

    // Each is handed on once, whether it is written by then or not.
    private void HandOn(int count, bool written)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                var (notification, handed) = _notifications[i];
                if (handed)
                    continue;
                _notifications[i] = (notification, true);
                _ready.Writer.TryWrite(new QueuedNotification(notification, 0, notification.DecidedAt));
                if (!written)
                    Log.SentUnwritten(log, notification.Id);
            }
        }
    }
}
