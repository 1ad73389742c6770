using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Alerts;

/// <summary>The name of a channel.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its <c>metadata.name</c>.</param>
public readonly record struct ChannelKey(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Where people are told: one receiver.</summary>
public sealed record NotificationChannel
{
    /// <summary>Its name.</summary>
    public required ChannelKey Key { get; init; }

    /// <summary>What kind of receiver: <c>slack</c>, <c>webhook</c>, ...</summary>
    public required string Type { get; init; }

    /// <summary>Where its address, which is a secret, is found; in the channel's own namespace.</summary>
    public required SecretRef Address { get; init; }

    /// <summary>Alerts below this are not told here.</summary>
    public AlertSeverity MinSeverity { get; init; } = AlertSeverity.Warning;

    /// <summary>Whether the end of an alert is told.</summary>
    public bool SendResolved { get; init; } = true;

    /// <summary>Whether it serves monitors that name no channel; of use in the operator's own namespace alone.</summary>
    public bool IsDefault { get; init; }
}

/// <summary>What became of a delivery.</summary>
/// <param name="At">When, ms since the Unix epoch.</param>
/// <param name="Error">What went wrong, one line without secrets; null where it arrived.</param>
public readonly record struct ChannelDelivery(long At, string? Error);
