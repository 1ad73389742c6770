using HealthTrack.Core.Alerts;
using Prometheus;

namespace HealthTrack.Engine.Alerts;

/// <summary>What alerts count.</summary>
internal sealed class AlertMetrics
{
    private readonly Gauge _open;
    private readonly Gauge _unwritten;
    private readonly Gauge _waiting;
    private readonly Gauge _claimsUp;
    private readonly Counter _notifications;

    public AlertMetrics(CollectorRegistry registry)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        _open = factory.CreateGauge("healthtrack_alerts", "Alerts that are open.", "signal", "severity");
        _unwritten = factory.CreateGauge("healthtrack_notifications_unwritten", "Notifications that wait for the store.");
        _waiting = factory.CreateGauge("healthtrack_notifications_waiting", "Notifications that wait for their delivery.");
        _claimsUp = factory.CreateGauge("healthtrack_redis_up", "1 while Redis answers; absent where there is none.");
        _notifications = factory.CreateCounter("healthtrack_notifications_total", "Notifications, by kind of channel and what became of them.", "type", "result");
        _claimsUp.Unpublish();
    }

    public void Open(IEnumerable<AlertRecord> alerts)
    {
        var counts = alerts.GroupBy(a => (a.Signal, a.Severity)).ToDictionary(g => g.Key, g => g.Count());
        foreach (var signal in Enum.GetValues<AlertSignal>())
        {
            foreach (var severity in Enum.GetValues<AlertSeverity>())
                _open.WithLabels(AlertNames.Of(signal), AlertNames.Of(severity)).Set(counts.GetValueOrDefault((signal, severity)));
        }
    }

    public void Unwritten(int count) => _unwritten.Set(count);

    public void Waiting(int count) => _waiting.Set(count);

    /// <summary>Whether Redis answered the last time; null where there is none, or it was not asked yet.</summary>
    public bool? ClaimsUp { get; private set; }

    public void ClaimsAnswered(bool answered)
    {
        ClaimsUp = answered;
        _claimsUp.Publish();
        _claimsUp.Set(answered ? 1 : 0);
    }

    /// <summary>A delivery came to something: <c>sent</c>, <c>retried</c>, <c>suppressed</c>, <c>failed</c>.</summary>
    public void Notified(string type, string result) => _notifications.WithLabels(type, result).Inc();
}
