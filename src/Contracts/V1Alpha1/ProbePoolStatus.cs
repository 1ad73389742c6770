namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>How a pool is; written by the operator.</summary>
public sealed record ProbePoolStatus
{
    /// <summary>The generation of the spec that the status speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Workers that the Deployment is to have.</summary>
    public int? Replicas { get; init; }

    /// <summary>Workers of the Deployment that are ready.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>Workers that are connected to the operator.</summary>
    public int? ConnectedWorkers { get; init; }

    /// <summary>Load of the busiest worker that says it, such as "0.4"; 1 is full.</summary>
    public string? Load { get; init; }

    /// <summary>Version of the workers; all of them, by comma, while they differ.</summary>
    public string? Version { get; init; }

    /// <summary>The workers that are connected, the first 100 by id.</summary>
    public IReadOnlyList<PoolWorkerStatus>? Workers { get; init; }

    /// <summary>Monitors that name the pool.</summary>
    public int? Monitors { get; init; }

    /// <summary>Ready and, only while true, Reconciling and Stalled.</summary>
    public IReadOnlyList<ConditionStatus>? Conditions { get; init; }
}

/// <summary>One worker.</summary>
public sealed record PoolWorkerStatus
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>The version of its program.</summary>
    public string? Version { get; init; }

    /// <summary><c>Connected</c>, or <c>VersionSkew</c> where it runs another version than the operator.</summary>
    public string? State { get; init; }
}
