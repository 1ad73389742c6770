namespace HealthTrack.Operator.Runtime;

/// <summary>
/// The objects that went and whose controller has not been told yet, in order: more than one of a name where it was made and deleted again
/// meanwhile. Thread-safe.
/// </summary>
internal sealed class Tombstones<T>
    where T : class
{
    private readonly Dictionary<ResourceKey, Queue<T>> _gone = [];
    private readonly Lock _gate = new();

    /// <summary>An object went.</summary>
    public void Add(ResourceKey key, T last)
    {
        lock (_gate)
        {
            if (!_gone.TryGetValue(key, out var queue))
                _gone[key] = queue = new Queue<T>();
            queue.Enqueue(last);
        }
    }

    /// <summary>The first of a name that went; null where none waits.</summary>
    public T? First(ResourceKey key)
    {
        lock (_gate)
            return _gone.TryGetValue(key, out var queue) ? queue.Peek() : null;
    }

    /// <summary>The controller has been told of the first.</summary>
    public void RemoveFirst(ResourceKey key)
    {
        lock (_gate)
        {
            if (!_gone.TryGetValue(key, out var queue))
                return;
            queue.Dequeue();
            if (queue.Count == 0)
                _gone.Remove(key);
        }
    }
}
