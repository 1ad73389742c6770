using Prometheus;

namespace HealthTrack.Operator.Status;

/// <summary>What the status writer counts.</summary>
internal sealed class StatusMetrics
{
    private readonly Counter _writes;

    /// <param name="registry">Where it is shown.</param>
    public StatusMetrics(CollectorRegistry registry)
    {
        _writes = Metrics.WithCustomRegistry(registry).CreateCounter(
            "healthtrack_status_writes_total", "Writes of a resource's status, by why and how they ended.", "urgency", "result");
        foreach (var urgency in (StatusUrgency[])[StatusUrgency.AtOnce, StatusUrgency.Ordinary])
        {
            _writes.WithLabels(Name(urgency), "success").Inc(0);
            _writes.WithLabels(Name(urgency), "error").Inc(0);
        }
    }

    /// <summary>A write ended.</summary>
    public void Written(StatusUrgency urgency, bool success) => _writes.WithLabels(Name(urgency), success ? "success" : "error").Inc();

    private static string Name(StatusUrgency urgency) => urgency == StatusUrgency.AtOnce ? "at_once" : "ordinary";
}
