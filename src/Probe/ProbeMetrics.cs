using System.Diagnostics.Metrics;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe;

/// <summary>The worker's own numbers, as the meter <c>HealthTrack.Probe</c>; a host decides how they are exported.</summary>
internal sealed class ProbeMetrics : IDisposable
{
    public const string MeterName = "HealthTrack.Probe";

    private static readonly string[] Outcomes = ["ok", "warn", "error", "down"];

    private readonly Meter meter;
    private readonly Counter<long> checks;
    private readonly Counter<long> missed;
    private readonly Counter<long> refused;
    private readonly Counter<long> dropped;
    private readonly Histogram<double> lag;

    public ProbeMetrics(IMeterFactory factory)
    {
        meter = factory.Create(MeterName);
        checks = meter.CreateCounter<long>("healthtrack.probe.checks", "{check}", "Checks made, by outcome.");
        missed = meter.CreateCounter<long>("healthtrack.probe.missed", "{check}", "Due times that were not run.");
        refused = meter.CreateCounter<long>("healthtrack.probe.refused", "{check}", "Due times missed because too many checks were running.");
        dropped = meter.CreateCounter<long>("healthtrack.probe.dropped", "{result}", "Results dropped because too many waited for acknowledgement.");
        lag = meter.CreateHistogram<double>("healthtrack.probe.lag", "s", "Lateness of scheduled checks.");
    }

    public void Started(double lateSeconds) => lag.Record(lateSeconds);

    public void Ended(Outcome outcome) => checks.Add(1, new KeyValuePair<string, object?>("outcome", Outcomes[(int)outcome]));

    public void Missed(long count) => missed.Add(count);

    public void Refused() => refused.Add(1);

    public void Dropped(long count) => dropped.Add(count);

    /// <summary>What is looked at when somebody collects.</summary>
    public void Observe(Func<int> inFlight, Func<int> assigned, Func<int> unacknowledged)
    {
        meter.CreateObservableGauge("healthtrack.probe.in_flight", inFlight, "{check}", "Checks that are running.");
        meter.CreateObservableGauge("healthtrack.probe.assigned", assigned, "{assignment}", "Assignments held.");
        meter.CreateObservableGauge("healthtrack.probe.unacknowledged", unacknowledged, "{result}", "Results that wait for their acknowledgement.");
    }

    public void Dispose() => meter.Dispose();
}
