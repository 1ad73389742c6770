using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>One connected worker in <c>GET /workers</c>. The numbers are those of its last sign of life; null before the first.</summary>
public sealed record WorkerRow
{
    /// <summary>Unique among workers.</summary>
    public required string Id { get; init; }

    /// <summary>The pool, that is the location, it checks from.</summary>
    public required string Pool { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>The worker's clock at its last sign of life.</summary>
    public required DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>Assignments held.</summary>
    public required int? Assigned { get; init; }

    /// <summary>Checks that are running.</summary>
    public required int? InFlight { get; init; }

    /// <summary>Due times skipped because the check before was still running, since the worker started.</summary>
    public required long? Missed { get; init; }

    /// <summary>99th percentile of the lateness of the checks started since the sign of life before, ms.</summary>
    [JsonPropertyName("lag_p99_ms")]
    public required double? LagP99Ms { get; init; }

    /// <summary>Results that wait for their acknowledgement.</summary>
    public required int? Unacknowledged { get; init; }

    /// <summary>Results lost because too many waited, since the worker started.</summary>
    public required long? Dropped { get; init; }
}
