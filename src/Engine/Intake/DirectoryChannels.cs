using System.Collections.Concurrent;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Intake;

/// <summary>The notification channels of a folder of manifests. A folder has no status: what became of the last deliveries is known since the process started.</summary>
internal sealed class DirectoryChannels : IChannelDirectory
{
    private readonly ConcurrentDictionary<ChannelKey, ChannelDelivery> _deliveries = new();
    private readonly DirectoryMonitorSource _folder;

    public DirectoryChannels(DirectoryMonitorSource folder)
    {
        _folder = folder;
        folder.ChannelsRead += Forget;
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
    public void Delivered(ChannelKey key, long at, string? error)
    {
        _deliveries[key] = new(at, error);
        // One that was under way when its channel went.
        if (!IsDeclared(key))
            _deliveries.TryRemove(key, out _);
    }

    /// <inheritdoc/>
    public ChannelDelivery? LastDelivery(ChannelKey key) => _deliveries.TryGetValue(key, out var last) ? last : null;

    // The next channel of a name has nothing to do with what was sent to the one before.
    private void Forget()
    {
        foreach (var gone in _deliveries.Keys.Where(key => !IsDeclared(key)))
            _deliveries.TryRemove(gone, out _);
    }

    private bool IsDeclared(ChannelKey key) => _folder.Channels.ContainsKey(key) || _folder.WrongChannels.ContainsKey(key);
}
