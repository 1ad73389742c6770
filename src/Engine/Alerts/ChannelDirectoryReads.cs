using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Alerts;

/// <summary>What monitors want to know of channels.</summary>
internal static class ChannelDirectoryReads
{
    /// <summary>The channel that a monitor of a namespace means by a name; null where there is none that is valid.</summary>
    public static NotificationChannel? Named(this IChannelDirectory directory, string ns, string name) =>
        directory.Find(new(ns, name)) ?? directory.Find(new(directory.OwnNamespace, name));

    /// <summary>The channels that a monitor names and that do not exist, as a text; null where all do, and as long as that is not known.</summary>
    public static string? Missing(this IChannelDirectory directory, Monitor? monitor)
    {
        // Once a second for each monitor: as a rule there is nothing to be said, and nothing is allocated.
        var named = monitor?.Spec.Alerts.Channels;
        for (var i = 0; i < named?.Count; i++)
        {
            if (directory.Named(monitor!.Key.Namespace, named[i]) is null)
                return directory.FirstSync.IsCompleted ? string.Join(", ", directory.MissingNames(monitor)) : null;
        }
        return null;
    }

    /// <summary>The channels that a monitor names and that do not exist, or are wrong.</summary>
    // By itself: a method with a lambda in it allocates what that captures on its way in.
    public static IEnumerable<string> MissingNames(this IChannelDirectory directory, Monitor monitor) =>
        monitor.Spec.Alerts.Channels.Where(name => directory.Named(monitor.Key.Namespace, name) is null);
}
