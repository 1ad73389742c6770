using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Intake;

/// <summary>The notification channels of a folder of manifests. What becomes of deliveries is in the log and the metrics: a folder has no status.</summary>
internal sealed class DirectoryChannels(DirectoryMonitorSource folder) : IChannelDirectory
{
    /// <inheritdoc/>
    public string OwnNamespace => ManifestReader.DefaultNamespace;

    /// <inheritdoc/>
    public Task FirstSync => Task.CompletedTask;

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. folder.Channels.Values];

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => folder.Channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error)
    {
    }
}
