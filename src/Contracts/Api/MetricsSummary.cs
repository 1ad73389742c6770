using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>The SRE numbers of one service now, <c>GET /services/{id}/metrics-summary</c>. A metric without samples is null, never 0.</summary>
public record MetricsSummary
{
    /// <summary>The service's id.</summary>
    [JsonPropertyOrder(20)]
    public required long ServiceId { get; init; }

    /// <summary>The display name.</summary>
    [JsonPropertyOrder(21)]
    public required string ServiceName { get; init; }

    /// <summary>The outcome of the last check (<c>ok</c>, <c>warn</c>, <c>error</c>, <c>down</c>); <c>unknown</c> when health is Unknown or Suspended.</summary>
    [JsonPropertyOrder(22)]
    public required string CurrentStatus { get; init; }

    /// <summary>Mean latency of the window, ms.</summary>
    [JsonPropertyOrder(23)]
    public required double? AvgResponseTimeMs { get; init; }

    /// <summary>95th percentile of the latency, nearest rank, ms.</summary>
    [JsonPropertyName("p95_response_time_ms"), JsonPropertyOrder(24)]
    public required double? P95ResponseTimeMs { get; init; }

    /// <summary>99th percentile of the latency, nearest rank, ms.</summary>
    [JsonPropertyName("p99_response_time_ms"), JsonPropertyOrder(25)]
    public required double? P99ResponseTimeMs { get; init; }

    /// <summary>Bad checks of the window, percent.</summary>
    [JsonPropertyOrder(26)]
    public required double? ErrorRatePercent { get; init; }

    /// <summary>Good checks of the last 24 h, percent.</summary>
    [JsonPropertyName("uptime_percent_24h"), JsonPropertyOrder(27)]
    public required double? UptimePercent24h { get; init; }

    /// <summary>Checks a minute.</summary>
    [JsonPropertyOrder(28)]
    public required double? RequestRateRpm { get; init; }

    /// <summary>Checks a second.</summary>
    [JsonPropertyOrder(29)]
    public required double? ThroughputRps { get; init; }

    /// <summary>Apdex score, 0..1.</summary>
    [JsonPropertyOrder(30)]
    public required double? ApdexScore { get; init; }

    /// <summary>Checks in the window.</summary>
    [JsonPropertyOrder(31)]
    public required long ChecksCount { get; init; }

    /// <summary>The due time of the last check.</summary>
    [JsonPropertyOrder(32)]
    public required DateTimeOffset? LastCheckTimestamp { get; init; }
}
