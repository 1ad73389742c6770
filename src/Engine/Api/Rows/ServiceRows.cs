using HealthTrack.Contracts.Api;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using MonitorSpec = HealthTrack.Core.Monitors.MonitorSpec;
using MonitorThresholds = HealthTrack.Core.Monitors.MetricThresholds;
using Threshold = HealthTrack.Core.Monitors.Threshold;

namespace HealthTrack.Engine.Api.Rows;

/// <summary>Writes monitors as the API's rows.</summary>
internal static class ServiceRows
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <summary>The row of one monitor.</summary>
    public static ServiceRow Row(MonitorSnapshot at)
    {
        var monitor = at.Monitor;
        return new ServiceRow
        {
            Id = at.Id,
            Name = at.Key.Name,
            Namespace = at.Key.Namespace,
            Url = monitor?.Spec.Check.Target,
            Kind = monitor?.Spec.Check.Kind,
            IntervalSeconds = monitor?.Spec.Interval.TotalSeconds,
            TimeoutSeconds = monitor?.Spec.Timeout.TotalSeconds,
            Health = at.Verdict.Health.ToString(),
            Reason = at.Verdict.Reason,
            Message = at.Verdict.Message,
            HealthSince = DateTimeOffset.FromUnixTimeMilliseconds(at.HealthSince),
            Conditions = [.. at.Conditions.Select(Condition)],
            Levels = Levels(at),
            Labels = monitor?.Labels ?? NoLabels,
            Origin = at.Declaration.Origin,
            ServiceId = at.Id,
            ServiceName = ServiceName(at),
            CurrentStatus = CurrentStatus(at),
            AvgResponseTimeMs = at.Window.AverageLatencyMs,
            P95ResponseTimeMs = at.Window.P95LatencyMs,
            P99ResponseTimeMs = at.Window.P99LatencyMs,
            ErrorRatePercent = at.Window.ErrorRatePercent,
            UptimePercent24h = at.UptimePercent,
            RequestRateRpm = at.Window.RequestsPerMinute,
            ThroughputRps = at.Window.ThroughputPerSecond,
            ApdexScore = at.Window.Apdex,
            ChecksCount = at.Window.Checks,
            LastCheckTimestamp = LastCheck(at),
        };
    }

    /// <summary>The row of one monitor with what its numbers are held against.</summary>
    public static ServiceDetail Detail(MonitorSnapshot at) => new(Row(at), at.Monitor is null ? null : Settings(at.Monitor.Spec));

    /// <summary>The numbers of one monitor.</summary>
    public static MetricsSummary Summary(MonitorSnapshot at) => new()
    {
        ServiceId = at.Id,
        ServiceName = ServiceName(at),
        CurrentStatus = CurrentStatus(at),
        AvgResponseTimeMs = at.Window.AverageLatencyMs,
        P95ResponseTimeMs = at.Window.P95LatencyMs,
        P99ResponseTimeMs = at.Window.P99LatencyMs,
        ErrorRatePercent = at.Window.ErrorRatePercent,
        UptimePercent24h = at.UptimePercent,
        RequestRateRpm = at.Window.RequestsPerMinute,
        ThroughputRps = at.Window.ThroughputPerSecond,
        ApdexScore = at.Window.Apdex,
        ChecksCount = at.Window.Checks,
        LastCheckTimestamp = LastCheck(at),
    };

    private static string ServiceName(MonitorSnapshot at) => at.Monitor?.DisplayName ?? at.Key.Name;

    private static string CurrentStatus(MonitorSnapshot at) => at.Last is null || at.Verdict.Health is Health.Unknown or Health.Suspended
        ? "unknown"
        : CheckRows.Status(at.Last.Outcome);

    private static DateTimeOffset? LastCheck(MonitorSnapshot at) =>
        at.Last is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last.DueTime) : null;

    /// <summary>One condition.</summary>
    public static ConditionRow Condition(MonitorCondition condition) => new(
        condition.Type, condition.Status, condition.Reason, condition.Message, DateTimeOffset.FromUnixTimeMilliseconds(condition.Since));

    private static ServiceSettings Settings(MonitorSpec spec)
    {
        var thresholds = spec.Thresholds;
        return new(
            spec.Window.TotalSeconds,
            spec.ApdexThreshold.TotalMilliseconds,
            spec.FailureThreshold,
            spec.SuccessThreshold,
            spec.Pools,
            spec.Quorum,
            new(Bounds(thresholds.AverageLatency), Bounds(thresholds.P95Latency), Bounds(thresholds.P99Latency), Bounds(thresholds.Apdex), Bounds(thresholds.ErrorRate), Bounds(thresholds.Uptime)));
    }

    private static BoundsRow Bounds(Threshold threshold) => new(threshold.Warning, threshold.Critical);

    private static MetricLevelsRow Levels(MonitorSnapshot at)
    {
        var thresholds = at.Monitor?.Spec.Thresholds ?? MonitorThresholds.Default;
        var window = at.Window;
        return new(
            AvgLatency: Name(MetricLevels.OfHigh(window.AverageLatencyMs, thresholds.AverageLatency)),
            P95Latency: Name(MetricLevels.OfHigh(window.P95LatencyMs, thresholds.P95Latency)),
            P99Latency: Name(MetricLevels.OfHigh(window.P99LatencyMs, thresholds.P99Latency)),
            Apdex: Name(MetricLevels.OfLow(window.Apdex, thresholds.Apdex)),
            ErrorRate: Name(MetricLevels.OfHigh(window.ErrorRatePercent, thresholds.ErrorRate)),
            Uptime: Name(MetricLevels.OfLow(at.UptimePercent, thresholds.Uptime)));
    }

    private static string Name(MetricLevel level) => level switch
    {
        MetricLevel.Good => "good",
        MetricLevel.Warning => "warning",
        MetricLevel.Critical => "critical",
        _ => "none",
    };
}
