using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>One worker in <c>GET /workers</c>. The numbers are those of its last sign of life; null before the first.</summary>
public sealed record WorkerRow
{
    /// <summary>Unique among workers.</summary>
    public required string Id { get; init; }

    /// <summary>The pool, that is the location, it checks from.</summary>
    public required string Pool { get; init; }

    /// <summary>The program's version; null where it is not connected.</summary>
    public required string? Version { get; init; }

    /// <summary>
    /// <c>connected</c>; <c>leaving</c>: about to stop; <c>skewed_clock</c>: its clock is so wrong that it is given nothing to check; <c>away</c>: its stream broke
    /// a moment ago; <c>lost</c>: it did not come back.
    /// </summary>
    public required string State { get; init; }

    /// <summary>The protocol that it speaks; null where it is not connected, as with all that follows.</summary>
    public required int? Protocol { get; init; }

    /// <summary>Its weight among the workers of its pool.</summary>
    public required int? Capacity { get; init; }

    /// <summary>How far its clock was ahead of this process's at its last sign of life, ms.</summary>
    public required long? ClockOffsetMs { get; init; }

    /// <summary>Assignments that it says it cannot check.</summary>
    public required int? Refused { get; init; }

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
