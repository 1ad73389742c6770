using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;
using HealthTrack.Operator.Trust;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Pools;

/// <summary>
/// The objects of one kind that pools own: one a pool, under the name of its ServiceAccount. An object is applied when what is wanted of it changed, and again
/// when somebody else changed or deleted it; a write of ours that changed nothing is not repeated. Thread-safe.
/// </summary>
internal sealed class OwnedKind<T> : IOwnedKind
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const string Gone = "";

    private readonly ResourceClient<T> _client;
    private readonly ResourceStore<T> _store;
    private readonly Reflector<T> _reflector;
    private readonly ILeaseHold _lease;
    private readonly string _ns;
    private readonly ConcurrentDictionary<string, Applied> _applied = new();
    private readonly ConcurrentDictionary<string, string> _seen = new();

    /// <param name="api">The API server.</param>
    /// <param name="ns">The operator's namespace.</param>
    /// <param name="lease">Whether may be written.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Says what goes wrong.</param>
    public OwnedKind(KubernetesApi api, string ns, ILeaseHold lease, ControllerMetrics metrics, TimeProvider time, ILogger log)
    {
        var definition = ResourceDefinition.Of<T>();
        (_ns, _lease) = (ns, lease);
        _client = new ResourceClient<T>(api, definition);
        _store = new ResourceStore<T>(Changed);
        _reflector = new Reflector<T>(
            api, definition, ns, _store, new ReflectorOptions { Labels = PoolObjects.PoolLabel }, metrics.Reflectors, time, log);
    }

    /// <inheritdoc/>
    public event Action<string>? Touched;

    /// <inheritdoc/>
    public Task WatchAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);

    /// <summary>The object of a pool as last seen; null where none is.</summary>
    public T? Find(string pool) => _store.TryGet(KeyOf(pool), out var entity) ? entity : null;

    /// <inheritdoc/>
    public async Task<bool> ApplyAsync(V1Alpha1ProbePool pool, JsonObject wanted, CancellationToken cancellationToken)
    {
        var (name, json) = (pool.Metadata.Name, wanted.ToJsonString());
        if (_applied.TryGetValue(name, out var before) && before.Json == json)
            return true;
        var seen = _seen.GetValueOrDefault(name);
        if (!_lease.IsHeld)
            return false;
        var made = await _client.ApplyAsync(KeyOf(name), json, StatusWriter.FieldManager, cancellationToken);
        var version = made.Metadata.ResourceVersion;
        _applied[name] = new Applied(json, version);
        // Somebody was here between the write and now: the watch has said so, and the pool is looked at again.
        if (_seen.GetValueOrDefault(name) is { } last && last != seen && last != version)
            _applied.TryRemove(name, out _);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(V1Alpha1ProbePool pool, CancellationToken cancellationToken)
    {
        var name = pool.Metadata.Name;
        _applied.TryRemove(name, out _);
        // What another made under the name is not ours to delete.
        if (Find(name)?.Metadata.OwnerReferences?.Any(o => o.Uid == pool.Metadata.Uid) != true)
            return true;
        if (!_lease.IsHeld)
            return false;
        await _client.DeleteAsync(KeyOf(name), cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public void Forget(string pool) => _applied.TryRemove(pool, out _);

    private ResourceKey KeyOf(string pool) => new(_ns, PoolServiceAccounts.NameOf(pool));

    private void Changed(StoreChange<T> change)
    {
        if ((change.Now ?? change.Before)!.Metadata.Labels?.TryGetValue(PoolObjects.PoolLabel, out var pool) != true)
            return;
        _seen[pool!] = change.Now?.Metadata.ResourceVersion ?? Gone;
        var own = change.Now is { } now && _applied.TryGetValue(pool!, out var applied) && applied.Version == now.Metadata.ResourceVersion;
        // A Deployment's status says how its rollout goes: worth a look at the pool, no reason to write the Deployment.
        if (!own && (change.Before is null || change.Now is null || IsTouched(change.Before, change.Now)))
            _applied.TryRemove(pool!, out _);
        Touched?.Invoke(pool!);
    }

    private static bool IsTouched(T before, T now) =>
        ControllerOptions.IsOfInterest(before, now)
        || !(before.Metadata.OwnerReferences ?? []).Select(o => o.Uid).SequenceEqual((now.Metadata.OwnerReferences ?? []).Select(o => o.Uid));

    private sealed record Applied(string Json, string Version);
}
