using System.Diagnostics.Metrics;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe;

/// <summary>The worker's own numbers, as the meter <c>HealthTrack.Probe</c>; a host decides how they are exported.</summary>
internal sealed class ProbeMetrics : IDisposable
{
    public const string MeterName = "HealthTrack.Probe";

    public static readonly string[] Outcomes = ["ok", "warn", "error", "down"];

    private readonly Meter _meter;
    private readonly Counter<long> _checks;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _spoolFailures;
    private readonly Histogram<double> _lag;

    public ProbeMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _checks = _meter.CreateCounter<long>("healthtrack.probe.checks", "{check}", "Checks made, by outcome.");
        _missed = _meter.CreateCounter<long>("healthtrack.probe.missed", "{check}", "Due times that were not run.");
        _refused = _meter.CreateCounter<long>("healthtrack.probe.refused", "{check}", "Due times missed because too many checks were running.");
        _dropped = _meter.CreateCounter<long>("healthtrack.probe.dropped", "{result}", "Results dropped because too many waited for acknowledgement.");
        _spoolFailures = _meter.CreateCounter<long>("healthtrack.probe.spool_failures", "{attempt}", "Attempts to write the spool that failed.");
        _lag = _meter.CreateHistogram<double>("healthtrack.probe.lag", "s", "Lateness of scheduled checks.");
    }

    public void Started(double lateSeconds) => _lag.Record(lateSeconds);

    public void Ended(Outcome outcome) => _checks.Add(1, new KeyValuePair<string, object?>("outcome", Outcomes[(int)outcome]));

    public void Missed(long count) => _missed.Add(count);

    public void Refused() => _refused.Add(1);

    public void Dropped(long count) => _dropped.Add(count);

    public void SpoolFailed() => _spoolFailures.Add(1);

    /// <summary>What is looked at when somebody collects.</summary>
    public void Observe(Func<int> inFlight, Func<int> assigned, Func<int> unacknowledged)
    {
        _meter.CreateObservableGauge("healthtrack.probe.in_flight", inFlight, "{check}", "Checks that are running.");
        _meter.CreateObservableGauge("healthtrack.probe.assigned", assigned, "{assignment}", "Assignments held.");
        _meter.CreateObservableGauge("healthtrack.probe.unacknowledged", unacknowledged, "{result}", "Results that wait for their acknowledgement.");
    }

    public void Dispose() => _meter.Dispose();
}
