using System.Collections.Concurrent;
using HealthTrack.Engine.Dispatch;

namespace HealthTrack.Operator.Pools;

/// <summary>The pools of the operator's namespace, as its controller tells of them. Until it has told of all, every pool exists. Thread-safe.</summary>
internal sealed class PoolDirectory(PoolOptions options) : IPoolDirectory
{
    private readonly ConcurrentDictionary<string, DeclaredPool> _pools = new();
    private volatile bool _complete;

    /// <inheritdoc/>
    public IReadOnlyList<DeclaredPool> Pools => [.. _pools.Values];

    /// <inheritdoc/>
    public bool Exists(string pool) => options.InProcess || !_complete || _pools.ContainsKey(pool);

    /// <summary>A pool is there, whatever its spec is like.</summary>
    public void Seen(string pool) => _pools.TryAdd(pool, new DeclaredPool(pool, null, null, External: false, []));

    /// <summary>What is known of a pool.</summary>
    public void Tell(DeclaredPool pool) => _pools[pool.Name] = pool;

    /// <summary>A pool is gone.</summary>
    public void Remove(string pool) => _pools.TryRemove(pool, out _);

    /// <summary>All that there are have been told.</summary>
    public void Complete() => _complete = true;
}
