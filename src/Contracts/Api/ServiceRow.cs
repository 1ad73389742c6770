using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>One service in <c>GET /services</c> and in the stream's <c>service</c> events: what it is, how it is, and its numbers.</summary>
public record ServiceRow : MetricsSummary
{
    /// <summary>The service's id, the same as <see cref="MetricsSummary.ServiceId"/>; stable for a namespace and name within one store.</summary>
    [JsonPropertyOrder(1)]
    public required long Id { get; init; }

    /// <summary><c>metadata.name</c>.</summary>
    [JsonPropertyOrder(2)]
    public required string Name { get; init; }

    /// <summary><c>metadata.namespace</c>.</summary>
    [JsonPropertyOrder(3)]
    public required string Namespace { get; init; }

    /// <summary>The target: a URL or <c>host:port</c>; null where no valid spec was ever seen.</summary>
    [JsonPropertyOrder(4)]
    public required string? Url { get; init; }

    /// <summary>The kind of check: <c>http</c>, ...; null where no valid spec was ever seen.</summary>
    [JsonPropertyOrder(5)]
    public required string? Kind { get; init; }

    /// <summary>Time between checks, seconds.</summary>
    [JsonPropertyOrder(6)]
    public required double? IntervalSeconds { get; init; }

    /// <summary>Time limit of a check, seconds.</summary>
    [JsonPropertyOrder(7)]
    public required double? TimeoutSeconds { get; init; }

    /// <summary><c>Healthy</c>, <c>Degraded</c>, <c>Unhealthy</c>, <c>Unknown</c> or <c>Suspended</c>.</summary>
    [JsonPropertyOrder(8)]
    public required string Health { get; init; }

    /// <summary>What decided the health, one word in CamelCase: see docs/concepts.md.</summary>
    [JsonPropertyOrder(9)]
    public required string Reason { get; init; }

    /// <summary>The same for people: the value and the threshold.</summary>
    [JsonPropertyOrder(10)]
    public required string Message { get; init; }

    /// <summary>Since when health has been what it is; null where never known.</summary>
    [JsonPropertyOrder(11)]
    public required DateTimeOffset? HealthSince { get; init; }

    /// <summary>Kubernetes-style conditions: Ready, Healthy and, while true, Stalled.</summary>
    [JsonPropertyOrder(12)]
    public required IReadOnlyList<ConditionRow> Conditions { get; init; }

    /// <summary>The colour of each metric.</summary>
    [JsonPropertyOrder(13)]
    public required MetricLevelsRow Levels { get; init; }

    /// <summary>The resource's labels.</summary>
    [JsonPropertyOrder(14)]
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Where it is declared: a file's name, <c>kubernetes</c> or <c>demo</c>.</summary>
    [JsonPropertyOrder(15)]
    public required string Origin { get; init; }
}

/// <summary>One condition, as in a Kubernetes status.</summary>
/// <param name="Type"><c>Ready</c>, <c>Healthy</c>, <c>Stalled</c>, ...</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word in CamelCase.</param>
/// <param name="Message">For people.</param>
/// <param name="LastTransitionTime">When the status last changed.</param>
public sealed record ConditionRow(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransitionTime);

/// <summary>The colour of each metric: <c>good</c>, <c>warning</c>, <c>critical</c>, or <c>none</c> without samples.</summary>
/// <param name="AvgLatency">Of the average latency.</param>
/// <param name="P95Latency">Of the 95th percentile.</param>
/// <param name="P99Latency">Of the 99th percentile.</param>
/// <param name="Apdex">Of the Apdex score.</param>
/// <param name="ErrorRate">Of the error rate.</param>
/// <param name="Uptime">Of the uptime.</param>
public sealed record MetricLevelsRow(
    string AvgLatency,
    [property: JsonPropertyName("p95_latency")] string P95Latency,
    [property: JsonPropertyName("p99_latency")] string P99Latency,
    string Apdex,
    string ErrorRate,
    string Uptime);
