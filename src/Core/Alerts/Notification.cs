using System.Globalization;

namespace HealthTrack.Core.Alerts;

/// <summary>One message about an alert to one channel: what is said, fixed when it was decided.</summary>
public sealed record Notification
{
    /// <summary>Of which alert: <see cref="AlertRecord.Id"/>.</summary>
    public required string AlertId { get; init; }

    /// <summary>Which announcement of the alert, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>To whom.</summary>
    public required ChannelKey Channel { get; init; }

    /// <summary>Why.</summary>
    public required AnnouncementKind Kind { get; init; }

    /// <summary>Whose alert it is.</summary>
    public required AlertSubject Subject { get; init; }

    /// <summary>What people call the monitor.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The target as shown to people.</summary>
    public required string Target { get; init; }

    /// <summary>The health at that moment, as in the API.</summary>
    public required string Health { get; init; }

    /// <summary>About what.</summary>
    public required AlertSignal Signal { get; init; }

    /// <summary>How urgent.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people: the metric against its threshold, or what failed.</summary>
    public required string Message { get; init; }

    /// <summary>When the alert began, ms since the Unix epoch.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When this was decided, ms since the Unix epoch.</summary>
    public required long DecidedAt { get; init; }

    /// <summary>
    /// What it is told apart by, everywhere: in the outbox, in Redis and at the receiver (<c>Idempotency-Key</c>). Decided again after a crash, it is the same.
    /// </summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{AlertId}-{Number}");
}
