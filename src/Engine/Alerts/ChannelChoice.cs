using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Alerts;

/// <summary>Who is told of an alert.</summary>
internal sealed class ChannelChoice(IChannelDirectory directory)
{
    /// <summary>Whether all channels that are declared are known.</summary>
    public bool AreKnown => directory.FirstSync.IsCompleted;

    /// <summary>The channels of an alert, each once.</summary>
    /// <param name="ns">The monitor's namespace.</param>
    /// <param name="monitor">The monitor; null where it is not known any more: then the default channels.</param>
    /// <param name="alert">The alert.</param>
    /// <param name="kind">What is told.</param>
    public IEnumerable<ChannelKey> For(string ns, Monitor? monitor, AlertRecord alert, AnnouncementKind kind) =>
        Channels(ns, monitor)
            .Where(channel => alert.Severity >= channel.MinSeverity && (kind != AnnouncementKind.Resolved || channel.SendResolved))
            .Select(channel => channel.Key)
            .Distinct();

    private IEnumerable<NotificationChannel> Channels(string ns, Monitor? monitor) => monitor?.Spec.Alerts.Channels is { Count: > 0 } names
        ? names.Select(name => directory.Named(ns, name)).OfType<NotificationChannel>()
        : directory.Channels.Where(channel => channel.IsDefault && channel.Key.Namespace == directory.OwnNamespace);
}
