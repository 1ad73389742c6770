namespace HealthTrack.Contracts.Api;

/// <summary>One pool in <c>GET /pools</c>: one that is declared, that a monitor names, or that a worker checks for.</summary>
public sealed record PoolRow
{
    /// <summary>The pool, that is the location.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is declared; true for every pool where pools are not declared, as without a cluster.</summary>
    public required bool Exists { get; init; }

    /// <summary>Workers that are to run; null where they run elsewhere, or nobody knows.</summary>
    public required int? Replicas { get; init; }

    /// <summary>Those of them that are ready.</summary>
    public required int? Ready { get; init; }

    /// <summary>Whether its workers run outside the cluster and dial in.</summary>
    public required bool External { get; init; }

    /// <summary>Workers that are connected.</summary>
    public required int WorkersConnected { get; init; }

    /// <summary>Load of the busiest of them, 1 is full; null where none says.</summary>
    public required double? Load { get; init; }

    /// <summary>Monitors that name it.</summary>
    public required int Monitors { get; init; }

    /// <summary>The conditions of its resource; empty where there is none.</summary>
    public required IReadOnlyList<ConditionRow> Conditions { get; init; }
}
