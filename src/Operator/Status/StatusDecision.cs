using System.Globalization;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Operator.Status;

/// <summary>How much a status wants to be written.</summary>
internal enum StatusUrgency
{
    /// <summary>It says what is written.</summary>
    None,

    /// <summary>Numbers moved, or are old: when its time has come, and there is room.</summary>
    Ordinary,

    /// <summary>What somebody may be waiting for changed: at once.</summary>
    AtOnce,
}

/// <summary>A status that was written.</summary>
/// <param name="Status">What it said.</param>
/// <param name="At">When it was written, or first seen by this process.</param>
internal sealed record WrittenStatus(ServiceMonitorStatus Status, DateTimeOffset At);

/// <summary>Whether a status is worth a write: what keeps a thousand monitors from a thousand writes a round.</summary>
/// <param name="Urgency">How much.</param>
/// <param name="NotBefore">For an ordinary write: not before then.</param>
internal readonly record struct StatusDecision(StatusUrgency Urgency, DateTimeOffset NotBefore)
{
    /// <summary>Ordinary writes of one resource are at least that far apart.</summary>
    public static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(30);

    /// <summary>What only rides along is written anew after that.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(30);

    private const decimal LatencyMove = 0.1m; // Of what is written.
    private const decimal PercentMove = 0.1m; // Points.
    private const decimal ApdexMove = 0.02m;

    /// <summary>Decides it.</summary>
    /// <param name="written">What the resource holds; null where nothing was written yet.</param>
    /// <param name="current">What it would say now.</param>
    public static StatusDecision For(WrittenStatus? written, ServiceMonitorStatus current)
    {
        if (written is null || TurnedFrom(written.Status, current))
            return new(StatusUrgency.AtOnce, default);
        if (Moved(written.Status, current))
            return new(StatusUrgency.Ordinary, written.At + BetweenWrites);
        return Same(written.Status, current)
            ? new(StatusUrgency.None, default)
            : new(StatusUrgency.Ordinary, written.At + Refresh);
    }

    // Health, conditions, generation. Messages are not compared: they carry numbers that change with every check.
    private static bool TurnedFrom(ServiceMonitorStatus before, ServiceMonitorStatus now) =>
        before.Health != now.Health
        || before.Reason != now.Reason
        || before.ObservedGeneration != now.ObservedGeneration
        || before.Target != now.Target
        || !(before.Conditions ?? []).Select(Essence).ToHashSet().SetEquals((now.Conditions ?? []).Select(Essence));

    private static (string, string, string, long?) Essence(ConditionStatus condition) =>
        (condition.Type, condition.Status, condition.Reason, condition.ObservedGeneration);

    private static bool Moved(ServiceMonitorStatus before, ServiceMonitorStatus now)
    {
        var (a, b) = (before.Metrics ?? new(), now.Metrics ?? new());
        return LatencyMoved(a.AvgLatencyMs, b.AvgLatencyMs) || LatencyMoved(a.P50LatencyMs, b.P50LatencyMs)
            || LatencyMoved(a.P95LatencyMs, b.P95LatencyMs) || LatencyMoved(a.P99LatencyMs, b.P99LatencyMs)
            || Moved(a.Apdex, b.Apdex, ApdexMove)
            || Moved(a.ErrorRatePercent, b.ErrorRatePercent, PercentMove)
            || Moved(a.Uptime24hPercent, b.Uptime24hPercent, PercentMove)
            || Moved(before.Slo?.AttainmentPercent, now.Slo?.AttainmentPercent, PercentMove)
            || Moved(before.Slo?.BudgetRemainingPercent, now.Slo?.BudgetRemainingPercent, PercentMove)
            || before.Certificate?.NotAfter != now.Certificate?.NotAfter
            || !(before.Locations ?? []).Select(Essence).SequenceEqual((now.Locations ?? []).Select(Essence));
    }

    // The time of the last check rides along.
    private static (string, string?, string?) Essence(LocationStatus location) => (location.Pool, location.Worker, location.Health);

    private static bool LatencyMoved(long? before, long? now) =>
        before is null != now is null || (before is { } a && now is { } b && a != b && Math.Abs(a - b) >= LatencyMove * a);

    private static bool Moved(string? before, string? now, decimal step)
    {
        if (before is null || now is null)
            return before != now;
        return decimal.TryParse(before, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
            && decimal.TryParse(now, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
                ? Math.Abs(a - b) >= step
                : before != now;
    }

    // By what it would be written as: the records hold lists, which compare by reference.
    private static bool Same(ServiceMonitorStatus before, ServiceMonitorStatus now) => StatusJson.Write(before) == StatusJson.Write(now);
}
