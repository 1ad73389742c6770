using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>One service, <c>GET /services/{id}</c>: its row, and what its numbers are held against.</summary>
public sealed record ServiceDetail : ServiceRow
{
    /// <summary>For readers of JSON.</summary>
    [JsonConstructor]
    public ServiceDetail()
    {
    }

    /// <summary>The row of a list with the rest.</summary>
    [SetsRequiredMembers]
    public ServiceDetail(ServiceRow row, ServiceSettings? settings)
        : base(row) => Settings = settings;

    /// <summary>Null where no valid spec was ever seen.</summary>
    [JsonPropertyOrder(40)]
    public required ServiceSettings? Settings { get; init; }
}

/// <summary>What of a spec, defaults filled in, the numbers depend on.</summary>
/// <param name="WindowSeconds">Length of the metrics window, s.</param>
/// <param name="ApdexThresholdMs">The Apdex threshold T, ms.</param>
/// <param name="FailureThreshold">Consecutive failures that make Unhealthy.</param>
/// <param name="SuccessThreshold">Consecutive others that end it.</param>
/// <param name="Pools">The locations that check.</param>
/// <param name="Quorum">How many of them must see a failure.</param>
/// <param name="Thresholds">Where each metric turns yellow and red.</param>
public sealed record ServiceSettings(
    double WindowSeconds,
    double ApdexThresholdMs,
    int FailureThreshold,
    int SuccessThreshold,
    IReadOnlyList<string> Pools,
    int Quorum,
    ThresholdsRow Thresholds);

/// <summary>The bounds of the metrics: past above for latencies and the error rate, below for Apdex and uptime.</summary>
/// <param name="AvgLatencyMs">Of the average latency, ms.</param>
/// <param name="P95LatencyMs">Of the 95th percentile, ms.</param>
/// <param name="P99LatencyMs">Of the 99th percentile, ms.</param>
/// <param name="Apdex">Of the Apdex score.</param>
/// <param name="ErrorRatePercent">Of the error rate.</param>
/// <param name="UptimePercent">Of the uptime.</param>
public sealed record ThresholdsRow(
    BoundsRow AvgLatencyMs,
    [property: JsonPropertyName("p95_latency_ms")] BoundsRow P95LatencyMs,
    [property: JsonPropertyName("p99_latency_ms")] BoundsRow P99LatencyMs,
    BoundsRow Apdex,
    BoundsRow ErrorRatePercent,
    BoundsRow UptimePercent);

/// <summary>Two bounds of one metric, in its own unit.</summary>
/// <param name="Warning">Past this it is yellow.</param>
/// <param name="Critical">Past this it is red.</param>
public sealed record BoundsRow(double Warning, double Critical);
