using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;

namespace HealthTrack.Engine.Intake;

/// <summary>The notification channels of a folder of manifests. A folder has no status: what became of the last deliveries is known since the process started.</summary>
internal sealed class DirectoryChannels : IChannelDirectory
{
    private readonly ChannelDeliveries _deliveries;
    private readonly DirectoryMonitorSource _folder;

    public DirectoryChannels(DirectoryMonitorSource folder)
    {
        _folder = folder;
        _deliveries = new ChannelDeliveries(key => folder.Channels.ContainsKey(key) || folder.WrongChannels.ContainsKey(key));
        folder.ChannelsRead += _deliveries.ForgetGone;
    }

    /// <inheritdoc/>
    public string OwnNamespace => ManifestReader.DefaultNamespace;

    /// <inheritdoc/>
    public Task FirstSync => _folder.FirstRead;

    /// <inheritdoc/>
    public IReadOnlyCollection<NotificationChannel> Channels => [.. _folder.Channels.Values];

    /// <inheritdoc/>
    public IReadOnlyDictionary<ChannelKey, string> Wrong => _folder.WrongChannels;

    /// <inheritdoc/>
    public NotificationChannel? Find(ChannelKey key) => _folder.Channels.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Delivered(ChannelKey key, long at, string? error) => _deliveries.Made(key, new(at, error));

    /// <inheritdoc/>
    public ChannelDelivery? LastDelivery(ChannelKey key) => _deliveries.Last(key);
}
