using System.Collections.Concurrent;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Intake;

/// <summary>The notification channels of a folder of manifests. A folder has no status: what became of the last deliveries is known since the process started.</summary>
internal sealed class DirectoryChannels(DirectoryMonitorSource folder) : IChannelDirectory
{
    private readonly ConcurrentDictionary<ChannelKey, ChannelDelivery> _deliveries = new();

    /// <inheritdoc/>
    public string OwnNamespace => ManifestReader.DefaultNamespace;

    /// <inheritdoc/>
    public Task FirstSync => folder.FirstRead;

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. folder.Channels.Values];

    /// <inheritdoc/>
    public IReadOnlyDictionary<ChannelKey, string> Wrong => folder.WrongChannels;

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => folder.Channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error)
    {
        if (folder.Channels.ContainsKey(key))
            _deliveries[key] = new(at, error);
    }

    /// <inheritdoc/>
    public ChannelDelivery? LastDelivery(ChannelKey key) => _deliveries.TryGetValue(key, out var last) ? last : null;
}
