using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Operator.Entities;

/// <summary>The notification channels that a Kubernetes API server holds, as the controller has seen them, and what became of their last deliveries.</summary>
/// <param name="ownNamespace">The operator's.</param>
/// <param name="firstReconciled">Gives the task of the controller's first round; asked for later, because the controller needs this directory.</param>
internal sealed class KubernetesChannels(string ownNamespace, Func<Task> firstReconciled) : IChannelDirectory
{
    private readonly ConcurrentDictionary<ChannelKey, NotificationChannel> _channels = new();
    private readonly ConcurrentDictionary<ChannelKey, string> _wrong = new();
    private readonly ConcurrentDictionary<ChannelKey, ChannelDelivery> _deliveries = new();

    /// <inheritdoc/>
    public string OwnNamespace => ownNamespace;

    /// <inheritdoc/>
    public Task FirstSync => firstReconciled();

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. _channels.Values];

    /// <inheritdoc/>
    public IReadOnlyDictionary<ChannelKey, string> Wrong => new Dictionary<ChannelKey, string>(_wrong);

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => _channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error)
    {
        _deliveries[key] = new(at, error);
        // One that was under way when its channel went: the next of that name has nothing to do with it.
        if (!_channels.ContainsKey(key) && !_wrong.ContainsKey(key))
            _deliveries.TryRemove(key, out _);
    }

    /// <inheritdoc/>
    public ChannelDelivery? LastDelivery(ChannelKey key) => _deliveries.TryGetValue(key, out var last) ? last : null;

    /// <summary>The delivery that the status tells of, which another process may have made; what is known of a later one stands.</summary>
    public void Recall(ChannelKey key, ChannelDelivery delivery) =>
        _deliveries.AddOrUpdate(key, static (_, told) => told, static (_, known, told) => known.At >= told.At ? known : told, delivery);

    /// <summary>A channel is declared.</summary>
    public void Put(NotificationChannel channel)
    {
        _channels[channel.Key] = channel;
        _wrong.TryRemove(channel.Key, out _);
    }

    /// <summary>A channel's declaration is wrong; its last valid form, where there is one, stays in force.</summary>
    public void PutWrong(ChannelKey key, string problem) => _wrong[key] = problem;

    /// <summary>A channel is declared no more.</summary>
    public void Remove(ChannelKey key)
    {
        _channels.TryRemove(key, out _);
        _wrong.TryRemove(key, out _);
        _deliveries.TryRemove(key, out _);
    }
}
