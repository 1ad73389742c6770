namespace HealthTrack.Core.Sre;

/// <summary>What one stretch of a monitor's past was like. A number without samples is null, never 0.</summary>
public readonly record struct HistoryBucket
{
    /// <summary>Its start, ms since the Unix epoch.</summary>
    public required long Start { get; init; }

    /// <summary>Results that were ok.</summary>
    public required int Ok { get; init; }

    /// <summary>Results that were warn.</summary>
    public required int Warn { get; init; }

    /// <summary>Results that were error.</summary>
    public required int Error { get; init; }

    /// <summary>Results that were down.</summary>
    public required int Down { get; init; }

    /// <summary>Results that were due and are not there; an estimate, by the grid of today's interval.</summary>
    public required int Unknown { get; init; }

    /// <summary>Good / (good + bad), percent: of results or, where several locations check, of rounds.</summary>
    public required double? UptimePercent { get; init; }

    /// <summary>Samples behind the average and the percentiles.</summary>
    public required int LatencySamples { get; init; }

    /// <summary>Mean latency, ms.</summary>
    public required double? AverageLatencyMs { get; init; }

    /// <summary>Median, ms, nearest rank.</summary>
    public required double? P50LatencyMs { get; init; }

    /// <summary>95th percentile, ms, nearest rank.</summary>
    public required double? P95LatencyMs { get; init; }

    /// <summary>99th percentile, ms, nearest rank.</summary>
    public required double? P99LatencyMs { get; init; }
}
