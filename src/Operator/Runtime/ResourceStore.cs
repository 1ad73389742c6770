using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>One thing that happened to an object.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Before">The form known before; null where it is new.</param>
/// <param name="Now">The form known now; null where it is gone.</param>
internal readonly record struct StoreChange<T>(ResourceKey Key, T? Before, T? Now)
    where T : class;

/// <summary>
/// What the API server holds, as last seen. The writers are <see cref="Reflector{T}"/>s, each for names of its own; they tell
/// <paramref name="changed"/> of each change, in order for each name. Thread-safe for readers.
/// </summary>
/// <param name="changed">Told of every change after it is made; must not throw.</param>
internal sealed class ResourceStore<T>(Action<StoreChange<T>> changed)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<ResourceKey, T> _items = new();

    /// <summary>The names that exist.</summary>
    public ICollection<ResourceKey> Keys => _items.Keys;

    /// <summary>The object as last seen.</summary>
    public bool TryGet(ResourceKey key, [NotNullWhen(true)] out T? entity) => _items.TryGetValue(key, out entity);

    /// <summary>An object is new or changed. One that was deleted and made again under its name is both gone and new.</summary>
    public void Upsert(T entity)
    {
        var key = ResourceKey.Of(entity);
        _items.TryGetValue(key, out var before);
        if (before is not null && before.Metadata.Uid != entity.Metadata.Uid)
        {
            Delete(key);
            before = null;
        }
        // A list after a lost watch says again what is known.
        if (before is not null && before.Metadata.ResourceVersion == entity.Metadata.ResourceVersion)
            return;
        _items[key] = entity;
        changed(new StoreChange<T>(key, before, entity));
    }

    /// <summary>An object is gone.</summary>
    public void Delete(ResourceKey key)
    {
        if (_items.TryRemove(key, out var before))
            changed(new StoreChange<T>(key, before, null));
    }

    /// <summary>A whole list: what it lacks is gone, though nobody saw it go.</summary>
    /// <param name="ns">The namespace that was listed; null for all.</param>
    /// <param name="entities">What is there.</param>
    /// <param name="unreadable">Names of what is there too, but in a form that cannot be read: their last good form stays.</param>
    public void Replace(string? ns, IReadOnlyCollection<T> entities, IReadOnlySet<ResourceKey> unreadable)
    {
        var present = entities.Select(e => ResourceKey.Of(e)).ToHashSet();
        foreach (var key in _items.Keys)
        {
            if ((ns is null || key.Namespace == ns) && !present.Contains(key) && !unreadable.Contains(key))
                Delete(key);
        }
        foreach (var entity in entities)
            Upsert(entity);
    }
}
