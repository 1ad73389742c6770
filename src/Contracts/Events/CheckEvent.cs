namespace HealthTrack.Contracts.Events;

/// <summary>The data of a message in <c>health_checks</c>: one check, once it is stored.</summary>
public sealed record CheckEvent
{
    /// <summary>The service's id in the store that the event comes from; ids do not survive a change of store, namespace and name do.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The service's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service's <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When the check was due. With namespace, name and location it identifies the check.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary><c>ok</c>, <c>warn</c>, <c>error</c> or <c>down</c>.</summary>
    public required string Status { get; init; }

    /// <summary>From the start to the last byte read, or to the failure; ms, to the microsecond.</summary>
    public required double ResponseTimeMs { get; init; }

    /// <summary>The protocol's status code, or null.</summary>
    public required int? StatusCode { get; init; }

    /// <summary>The pool that checked.</summary>
    public required string Location { get; init; }

    /// <summary>The worker that checked.</summary>
    public required string Worker { get; init; }

    /// <summary><c>scheduled</c>, <c>first</c> or <c>manual</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The generation of the monitor's spec that the check was made under.</summary>
    public required long Generation { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public required string? Error { get; init; }
}
