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
    private readonly ConcurrentDictionary<ChannelKey, (long At, string? Error)> _deliveries = new();

    /// <inheritdoc/>
    public string OwnNamespace => ownNamespace;

    /// <inheritdoc/>
    public Task FirstSync => firstReconciled();

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. _channels.Values];

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => _channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error) => _deliveries[key] = (at, error);

    /// <summary>The last delivery of this process; null where there was none.</summary>
    public (long At, string? Error)? LastDelivery(ChannelKey key) => _deliveries.TryGetValue(key, out var last) ? last : null;

    /// <summary>A channel is declared.</summary>
    public void Put(NotificationChannel channel) => _channels[channel.Key] = channel;

    /// <summary>A channel is declared no more.</summary>
    public void Remove(ChannelKey key)
    {
        _channels.TryRemove(key, out _);
        _deliveries.TryRemove(key, out _);
    }
}
