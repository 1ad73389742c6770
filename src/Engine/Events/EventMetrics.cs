using System.Collections.Concurrent;
using Prometheus;

namespace HealthTrack.Engine.Events;

/// <summary>What the event stream counts; absent where there is no Kafka.</summary>
internal sealed class EventMetrics
{
    private readonly ConcurrentDictionary<string, string> _problems = new();
    private readonly Gauge _up;
    private readonly Counter _published;
    private readonly Counter _failures;
    private readonly Gauge _waiting;
    private readonly Gauge _behind;
    private readonly Counter _lost;
    private readonly Counter _refused;

    public EventMetrics(CollectorRegistry registry)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        _up = factory.CreateGauge("healthtrack_kafka_up", "1 while Kafka takes the events of every topic; absent where there is none.");
        _published = factory.CreateCounter("healthtrack_events_published_total", "Events that Kafka has acknowledged.", "topic");
        _failures = factory.CreateCounter("healthtrack_events_publish_failures_total", "Batches of events that Kafka did not take and that were tried again.");
        _waiting = factory.CreateGauge("healthtrack_events_waiting", "Positions between the newest event of a topic and the last published one: an upper bound of what waits.", "topic");
        _behind = factory.CreateGauge("healthtrack_events_behind_seconds", "Age of the oldest event of a topic that waits to be published; 0 where none does.", "topic");
        _lost = factory.CreateCounter("healthtrack_events_lost_total", "Checks that retention deleted before they were published.");
        _refused = factory.CreateCounter("healthtrack_events_refused_total", "Events that Kafka refused for what they are and that were passed over.", "topic", "reason");
        _up.Unpublish();
    }

    /// <summary>Which topics Kafka does not take now, and why, a sentence; null while it takes all, or nothing was tried yet.</summary>
    public string? Problem => _problems.IsEmpty ? null : string.Join("; ", _problems.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}: {p.Value}"));

    public void Published(string topic, int count)
    {
        _published.WithLabels(topic).Inc(count);
        _problems.TryRemove(topic, out _);
        Answered();
    }

    public void Failed(string topic, string problem)
    {
        _failures.Inc();
        _problems[topic] = problem;
        Answered();
    }

    public void Waits(string topic, long positions, double behindSeconds)
    {
        _waiting.WithLabels(topic).Set(positions);
        _behind.WithLabels(topic).Set(behindSeconds);
    }

    public void Lost(long count) => _lost.Inc(count);

    public void Refused(string topic, string reason) => _refused.WithLabels(topic, reason).Inc();

    private void Answered()
    {
        _up.Publish();
        _up.Set(_problems.IsEmpty ? 1 : 0);
    }
}
