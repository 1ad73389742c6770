namespace HealthTrack.Contracts.Events;

/// <summary>The data of a message in <c>health_alerts</c>: an alert fires, becomes more urgent, is acknowledged or ends.</summary>
public sealed record AlertEvent
{
    /// <summary>The alert's identity: service, signal and beginning.</summary>
    public required string AlertId { get; init; }

    /// <summary>The service's id in the store that the event comes from.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The service's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service's <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When this happened.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary><c>down</c>, <c>latency</c>, <c>errorRate</c>, <c>apdex</c>, <c>certificate</c> or <c>noData</c>.</summary>
    public required string Signal { get; init; }

    /// <summary><c>firing</c>, <c>acknowledged</c> or <c>resolved</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>warning</c> or <c>critical</c>: the most that it was.</summary>
    public required string Severity { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people.</summary>
    public required string Message { get; init; }

    /// <summary>When the alert began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Who acknowledged it, or null.</summary>
    public required string? AcknowledgedBy { get; init; }

    /// <summary>When it was over, or null.</summary>
    public required DateTimeOffset? EndedAt { get; init; }
}
