using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;

namespace HealthTrack.Operator.Entities;

/// <summary>The notification channels that a Kubernetes API server holds, as the controller has seen them, and what became of their last deliveries.</summary>
internal sealed class KubernetesChannels : IChannelDirectory
{
    private readonly ConcurrentDictionary<ChannelKey, NotificationChannel> _channels = new();
    private readonly ConcurrentDictionary<ChannelKey, string> _wrong = new();
    private readonly ChannelDeliveries _deliveries;
    private readonly Func<Task> _firstReconciled;

    /// <summary>Knows none yet.</summary>
    /// <param name="ownNamespace">The operator's.</param>
    /// <param name="firstReconciled">Gives the task of the controller's first round; asked for later, because the controller needs this directory.</param>
    public KubernetesChannels(string ownNamespace, Func<Task> firstReconciled)
    {
        (OwnNamespace, _firstReconciled) = (ownNamespace, firstReconciled);
        _deliveries = new ChannelDeliveries(key => _channels.ContainsKey(key) || _wrong.ContainsKey(key));
    }

    /// <inheritdoc/>
    public string OwnNamespace { get; }

    /// <inheritdoc/>
    public Task FirstSync => _firstReconciled();

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. _channels.Values];

    /// <inheritdoc/>
    public IReadOnlyDictionary<ChannelKey, string> Wrong => new Dictionary<ChannelKey, string>(_wrong);

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => _channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error) => _deliveries.Made(key, new(at, error));

    /// <inheritdoc/>
    public ChannelDelivery? LastDelivery(ChannelKey key) => _deliveries.Last(key);

    /// <summary>The delivery that the status tells of, which another process may have made.</summary>
    public void Recall(ChannelKey key, ChannelDelivery delivery) => _deliveries.Recall(key, delivery);

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
        _deliveries.ForgetGone();
    }
}
