using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Results;

namespace HealthTrack.Operator.Status;

/// <summary>
/// The status of a resource from a monitor's snapshot: a pure function, within the bounds of the schema. What is not known anew after a restart is said
/// as it was last known; an object that was there once is never left out again, for API servers before 1.21 turn it into a null that they then refuse.
/// </summary>
internal static class StatusBuilder
{
    private const int LongestTarget = 2048;
    private const int LongestMessage = 1024;
    private const int LongestConditionMessage = 32768;
    private const int LongestWorker = 253;

    /// <summary>Builds it.</summary>
    /// <param name="snapshot">The monitor.</param>
    /// <param name="written">The status that the resource has; its conditions keep their transition times while their status stays.</param>
    public static ServiceMonitorStatus Build(MonitorSnapshot snapshot, ServiceMonitorStatus? written)
    {
        var target = StatusText.Fit(snapshot.Monitor?.Spec.Check.Target, LongestTarget);
        // What an earlier target showed says nothing of this one. An object whose last field goes would become a null, too: one field stays.
        var remembered = written is null || written.Target == target ? written : written with
        {
            LastCheck = written.LastCheck is null ? null : new() { Message = "Not checked yet." },
            Certificate = written.Certificate is null ? null : new() { Issuer = "" },
            Locations = written.Locations?.Select(location => new LocationStatus { Pool = location.Pool }).ToList(),
        };
        return Build(snapshot, target, remembered);
    }

    private static ServiceMonitorStatus Build(MonitorSnapshot snapshot, string? target, ServiceMonitorStatus? written) => new()
    {
        ObservedGeneration = snapshot.Declaration.Generation,
        Target = target,
        Health = snapshot.Verdict.Health.ToString(),
        Reason = snapshot.Verdict.Reason,
        Message = StatusText.Fit(snapshot.Verdict.Message, LongestMessage),
        LastCheck = snapshot.Last is { } last ? LastCheck(last) : written?.LastCheck,
        Metrics = snapshot.Monitor is { } monitor ? Metrics(snapshot, monitor) : written?.Metrics is null ? null : new(),
        Certificate = snapshot.Certificate is { } certificate
            ? new() { NotAfter = certificate.NotAfter, Issuer = StatusText.Fit(certificate.Issuer, LongestMessage) }
            : written?.Certificate,
        Locations = snapshot.Locations.Count > 0 ? [.. snapshot.Locations.Select(view => Location(view, written))] : written?.Locations,
        Conditions = [.. snapshot.Conditions.Select(c => Condition(c, snapshot.Declaration.Generation, written))],
    };

    private static LastCheckStatus LastCheck(CheckResult last) => new()
    {
        Time = DateTimeOffset.FromUnixTimeMilliseconds(last.DueTime),
        Outcome = last.Outcome.ToString().ToLowerInvariant(),
        LatencyMs = StatusText.Millis(last.LatencyMicros / 1000.0),
        StatusCode = last.StatusCode,
        Location = last.Location,
        Message = StatusText.Fit(last.Message, LongestMessage),
    };

    private static MetricsStatus Metrics(MonitorSnapshot snapshot, Monitor monitor) => new()
    {
        Window = Durations.Format(monitor.Spec.Window),
        Checks = snapshot.Window.Checks,
        AvgLatencyMs = StatusText.Millis(snapshot.Window.AverageLatencyMs),
        P50LatencyMs = StatusText.Millis(snapshot.Window.P50LatencyMs),
        P95LatencyMs = StatusText.Millis(snapshot.Window.P95LatencyMs),
        P99LatencyMs = StatusText.Millis(snapshot.Window.P99LatencyMs),
        Apdex = StatusText.Score(snapshot.Window.Apdex),
        ErrorRatePercent = StatusText.Percent(snapshot.Window.ErrorRatePercent),
        Uptime24hPercent = StatusText.Percent(snapshot.UptimePercent),
        RequestsPerMinute = StatusText.Rate(snapshot.Window.RequestsPerMinute, 2),
        ThroughputPerSecond = StatusText.Rate(snapshot.Window.ThroughputPerSecond, 4),
    };

    // After a restart nobody knows who checked last from there: the resource does.
    private static LocationStatus Location(LocationView view, ServiceMonitorStatus? written) => new()
    {
        Pool = view.Pool,
        Worker = view.Worker.Length == 0 ? written?.Locations?.FirstOrDefault(l => l.Pool == view.Pool)?.Worker : StatusText.Fit(view.Worker, LongestWorker),
        Health = view.Health.ToString(),
        LastCheckTime = view.LastDue is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null,
    };

    // A restart begins the engine's conditions anew; the resource remembers since when they hold.
    private static ConditionStatus Condition(MonitorCondition condition, long? generation, ServiceMonitorStatus? written)
    {
        var before = written?.Conditions?.FirstOrDefault(c => c.Type == condition.Type);
        return new()
        {
            Type = condition.Type,
            Status = condition.Status,
            ObservedGeneration = generation,
            // The API keeps whole seconds.
            LastTransitionTime = before?.Status == condition.Status
                ? before.LastTransitionTime
                : DateTimeOffset.FromUnixTimeSeconds(condition.Since / 1000),
            Reason = condition.Reason,
            Message = StatusText.Fit(condition.Message, LongestConditionMessage)!,
        };
    }
}
