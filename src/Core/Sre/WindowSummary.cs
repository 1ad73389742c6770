namespace HealthTrack.Core.Sre;

/// <summary>The numbers of a window at one instant. A number without samples is null, never 0.</summary>
public readonly record struct WindowSummary
{
    /// <summary>Checks that were ok.</summary>
    public required int Good { get; init; }

    /// <summary>All other checks.</summary>
    public required int Bad { get; init; }

    /// <summary>Samples behind the average and the percentiles: ok checks, and those only slower than <c>expect.maxLatency</c>.</summary>
    public required int LatencySamples { get; init; }

    /// <summary>Mean latency, ms.</summary>
    public required double? AverageLatencyMs { get; init; }

    /// <summary>Median, ms, nearest rank.</summary>
    public required double? P50LatencyMs { get; init; }

    /// <summary>95th percentile, ms, nearest rank.</summary>
    public required double? P95LatencyMs { get; init; }

    /// <summary>99th percentile, ms, nearest rank.</summary>
    public required double? P99LatencyMs { get; init; }

    /// <summary>(satisfied + tolerating / 2) / all, 0..1 (Apdex specification 1.1); a bad check is frustrated.</summary>
    public required double? Apdex { get; init; }

    /// <summary>Checks a second, over min(window, time since the first check was due).</summary>
    public required double? ThroughputPerSecond { get; init; }

    /// <summary>All checks.</summary>
    public int Checks => Good + Bad;

    /// <summary>Bad / all, percent.</summary>
    public double? ErrorRatePercent => Checks == 0 ? null : 100.0 * Bad / Checks;

    /// <summary>Checks a minute.</summary>
    public double? RequestsPerMinute => ThroughputPerSecond * 60;
}
