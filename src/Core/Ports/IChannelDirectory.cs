using HealthTrack.Core.Alerts;

namespace HealthTrack.Core.Ports;

/// <summary>The notification channels that are declared now.</summary>
public interface IChannelDirectory
{
    /// <summary>The namespace of the operator: its channels serve all monitors.</summary>
    string OwnNamespace { get; }

    /// <summary>Completes when all that existed at the start are known.</summary>
    Task FirstSync { get; }

    /// <summary>All that are valid, in no order. The collection is never changed.</summary>
    IReadOnlyCollection<NotificationChannel> Channels { get; }

    /// <summary>Those whose declaration is wrong, with what is wrong with it, a sentence; one that was valid before may be in <see cref="Channels"/> as it was. Never changed.</summary>
    IReadOnlyDictionary<ChannelKey, string> Wrong { get; }

    /// <summary>Finds one; null where there is none of that name that is valid.</summary>
    NotificationChannel? Find(ChannelKey key);

    /// <summary>Takes what became of a delivery, for the channel's status. Never waits and never throws.</summary>
    /// <param name="key">The channel.</param>
    /// <param name="at">When, ms since the Unix epoch.</param>
    /// <param name="error">What went wrong, one line without secrets; null where it arrived.</param>
    void Delivered(ChannelKey key, long at, string? error);

    /// <summary>The last delivery that is known of; null where there was none.</summary>
    ChannelDelivery? LastDelivery(ChannelKey key);
}
