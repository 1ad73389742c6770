using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>A service's past in buckets of equal length, <c>GET /services/{id}/history</c>.</summary>
public sealed record HistoryReport
{
    /// <summary>The service's id.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The start of the first bucket.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end of the past, exclusive; the last bucket may be cut off there.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The length of a bucket, s. Buckets are aligned to the epoch.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>The keys of a bucket that are estimates here; counts of results, averages and percentiles are always exact.</summary>
    public required IReadOnlyList<string> Estimated { get; init; }

    /// <summary>All of them by ascending start, those without a check too.</summary>
    public required IReadOnlyList<HistoryRow> Buckets { get; init; }
}

/// <summary>One bucket. A metric without samples is null, never 0; a check that was run by hand counts in none.</summary>
public sealed record HistoryRow
{
    /// <summary>Its start; checks are in it by when they were due.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Checks that were ok.</summary>
    public required int Ok { get; init; }

    /// <summary>Checks that were warn.</summary>
    public required int Warn { get; init; }

    /// <summary>Checks that were error.</summary>
    public required int Error { get; init; }

    /// <summary>Checks that were down.</summary>
    public required int Down { get; init; }

    /// <summary>Checks that were due by today's interval and locations and are not there: nobody knows how the service was.</summary>
    public required int Unknown { get; init; }

    /// <summary>Good checks, percent; of rounds where several locations check.</summary>
    public required double? UptimePercent { get; init; }

    /// <summary>Checks behind the four latencies.</summary>
    public required int LatencyCount { get; init; }

    /// <summary>Mean latency, ms.</summary>
    public required double? AvgResponseTimeMs { get; init; }

    /// <summary>Median, nearest rank, ms.</summary>
    [JsonPropertyName("p50_response_time_ms")]
    public required double? P50ResponseTimeMs { get; init; }

    /// <summary>95th percentile, nearest rank, ms.</summary>
    [JsonPropertyName("p95_response_time_ms")]
    public required double? P95ResponseTimeMs { get; init; }

    /// <summary>99th percentile, nearest rank, ms.</summary>
    [JsonPropertyName("p99_response_time_ms")]
    public required double? P99ResponseTimeMs { get; init; }
}
