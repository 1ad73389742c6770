using System.Diagnostics.CodeAnalysis;

namespace HealthTrack.Operator.Runtime;

/// <summary>Remembers the entries that were used last, and forgets the others.</summary>
/// <param name="most">How many.</param>
internal sealed class BoundedMemory<TKey, TValue>(int most)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    /// <summary>The value; null where it is not known, or no longer.</summary>
    public TValue? Find(TKey key)
    {
        if (!_entries.TryGetValue(key, out var node))
            return null;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Value;
    }

    /// <summary>Remembers a value.</summary>
    public void Remember(TKey key, [DisallowNull] TValue value)
    {
        if (_entries.Remove(key, out var old))
            _byUse.Remove(old);
        _entries[key] = _byUse.AddFirst((key, value));
        if (_entries.Count <= most)
            return;
        _entries.Remove(_byUse.Last!.Value.Key);
        _byUse.RemoveLast();
    }

    /// <summary>Forgets a value.</summary>
    public void Forget(TKey key)
    {
        if (_entries.Remove(key, out var old))
            _byUse.Remove(old);
    }
}
