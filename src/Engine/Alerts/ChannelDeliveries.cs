using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts;

/// <summary>What became of the last delivery to each channel that is declared. Thread-safe.</summary>
/// <param name="isDeclared">Whether there is such a channel now, right or wrong.</param>
internal sealed class ChannelDeliveries(Func<ChannelKey, bool> isDeclared)
{
    private readonly ConcurrentDictionary<ChannelKey, ChannelDelivery> _last = new();

    /// <summary>The last one; null where none is known.</summary>
    public ChannelDelivery? Last(ChannelKey key) => _last.TryGetValue(key, out var last) ? last : null;

    /// <summary>Takes one that was made just now.</summary>
    public void Made(ChannelKey key, ChannelDelivery delivery)
    {
        _last[key] = delivery;
        // One that was under way when its channel went: the next of that name has nothing to do with it.
        if (!isDeclared(key))
            _last.TryRemove(key, out _);
    }

    /// <summary>Takes one that somebody else told of; what is known of a later one stands.</summary>
    public void Recall(ChannelKey key, ChannelDelivery delivery) =>
        _last.AddOrUpdate(key, static (_, told) => told, static (_, known, told) => known.At >= told.At ? known : told, delivery);

    /// <summary>Forgets those of channels that are gone.</summary>
    public void ForgetGone()
    {
        foreach (var gone in _last.Keys.Where(key => !isDeclared(key)))
            _last.TryRemove(gone, out _);
    }
}
