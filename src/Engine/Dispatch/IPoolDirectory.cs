using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Dispatch;

/// <summary>Knows which pools there are. A host registers one where pools are declared; elsewhere every pool exists. Thread-safe, asks nobody.</summary>
internal interface IPoolDirectory
{
    /// <summary>The pools that are declared, by name.</summary>
    IReadOnlyList<DeclaredPool> Pools { get; }

    /// <summary>Whether a monitor may name this pool. True as long as that is not known. What changes is seen within a second.</summary>
    bool Exists(string pool);
}

/// <summary>One pool that is declared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Replicas">Workers that are to run; null where they run elsewhere, or nobody knows.</param>
/// <param name="ReadyReplicas">Those of them that are ready.</param>
/// <param name="External">Whether its workers run outside the cluster and dial in.</param>
/// <param name="Conditions">How it is.</param>
internal sealed record DeclaredPool(string Name, int? Replicas, int? ReadyReplicas, bool External, IReadOnlyList<MonitorCondition> Conditions);

/// <summary>Where no pools are declared, every one exists.</summary>
internal sealed class EveryPool : IPoolDirectory
{
    /// <inheritdoc/>
    public IReadOnlyList<DeclaredPool> Pools => [];

    /// <inheritdoc/>
    public bool Exists(string pool) => true;
}

/// <summary>What monitors want to know of pools.</summary>
internal static class PoolDirectoryReads
{
    /// <summary>The pools of a monitor that do not exist, as a text; null where all do.</summary>
    public static string? Missing(this IPoolDirectory pools, Monitor? monitor)
    {
        // Once a second for each monitor: as a rule there is nothing to be said, and nothing is allocated.
        var named = monitor?.Spec.Pools;
        for (var i = 0; i < named?.Count; i++)
        {
            if (!pools.Exists(named[i]))
                return Names(pools, named);
        }
        return null;
    }

    // By itself: a method with a lambda in it allocates what that captures on its way in.
    private static string Names(IPoolDirectory pools, IReadOnlyList<string> named) => string.Join(", ", named.Where(pool => !pools.Exists(pool)));
}
