using Prometheus;

namespace HealthTrack.Engine.Dispatch;

/// <summary>What the link's server counts.</summary>
internal sealed class LinkMetrics(CollectorRegistry registry)
{
    private readonly Counter _refusals = Prometheus.Metrics.WithCustomRegistry(registry).CreateCounter(
        "healthtrack_worker_refusals_total", "Workers that were not let in, or not let go on.", "reason");

    public void Refused(string reason) => _refusals.WithLabels(reason).Inc();
}
