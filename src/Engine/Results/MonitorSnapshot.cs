using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Results;

/// <summary>One monitor at one instant: what the API's rows, the status and the metrics are written from.</summary>
internal sealed record MonitorSnapshot
{
    public required long Id { get; init; }

    public required MonitorKey Key { get; init; }

    public required MonitorDeclaration Declaration { get; init; }

    /// <summary>The monitor in force; null where none ever was valid.</summary>
    public required Monitor? Monitor { get; init; }

    public required HealthVerdict Verdict { get; init; }

    /// <summary>Since when health has been what it is, ms since the Unix epoch.</summary>
    public required long HealthSince { get; init; }

    /// <summary>The streak of its checks, or rounds.</summary>
    public required Streak Streak { get; init; }

    /// <summary>The newest result of any kind.</summary>
    public required CheckResult? Last { get; init; }

    /// <summary>The certificate that the target showed last.</summary>
    public required CertificateFacts? Certificate { get; init; }

    /// <summary>The metrics window.</summary>
    public required WindowSummary Window { get; init; }

    /// <summary>Good checks of the last 24 h, percent.</summary>
    public required double? UptimePercent { get; init; }

    public required IReadOnlyList<MonitorCondition> Conditions { get; init; }

    public required CounterValues Counters { get; init; }

    /// <summary>How each location sees the target, in the order of the spec; empty before the first check.</summary>
    public IReadOnlyList<LocationView> Locations { get; init; } = [];
}
