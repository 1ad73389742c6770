namespace HealthTrack.Contracts.Events;

/// <summary>The data of a message in <c>health_changes</c>: a service's health turned.</summary>
public sealed record HealthChangeEvent
{
    /// <summary>The service's id in the store that the event comes from.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The service's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service's <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When it turned.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>What it was: <c>Healthy</c>, <c>Degraded</c>, <c>Unhealthy</c>, <c>Unknown</c> or <c>Suspended</c>.</summary>
    public required string PreviousHealth { get; init; }

    /// <summary>What it is.</summary>
    public required string Health { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people: what decided, its value and the threshold.</summary>
    public required string Message { get; init; }
}
