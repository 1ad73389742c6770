using System.Globalization;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Alerts;

/// <summary>Where an alert is between its beginning and its end.</summary>
public enum AlertState
{
    /// <summary>Something is wrong, and nobody has been told yet: what it depends on is looked at first.</summary>
    Pending,

    /// <summary>Something is wrong, and people are told.</summary>
    Firing,

    /// <summary>Somebody has said that they look after it: no reminders.</summary>
    Acknowledged,

    /// <summary>Over.</summary>
    Resolved,
}

/// <summary>Whose alert something is.</summary>
/// <param name="ServiceId">The API's <c>service_id</c>.</param>
/// <param name="Key">Namespace and name, which outlive a change of store.</param>
public readonly record struct AlertSubject(long ServiceId, MonitorKey Key);

/// <summary>One alert of one monitor and signal, from its beginning to its end. Times are ms since the Unix epoch.</summary>
public sealed record AlertRecord
{
    /// <summary>Whose alert it is.</summary>
    public required AlertSubject Subject { get; init; }

    /// <summary>About what.</summary>
    public required AlertSignal Signal { get; init; }

    /// <summary>When it began.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Where it is now.</summary>
    public required AlertState State { get; init; }

    /// <summary>How urgent it is: the most that it was since it began.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people, one line.</summary>
    public required string Message { get; init; }

    /// <summary>Since when nothing is wrong any more although it is not over yet; null while something is.</summary>
    public long? ClearSince { get; init; }

    /// <summary>When people were told last; null before the first time.</summary>
    public long? AnnouncedAt { get; init; }

    /// <summary>How often people were told: the number of the last announcement.</summary>
    public int Announcements { get; init; }

    /// <summary>Who acknowledged it; null while nobody has.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>When it was acknowledged.</summary>
    public long? AcknowledgedAt { get; init; }

    /// <summary>When it was over.</summary>
    public long? EndedAt { get; init; }

    /// <summary>
    /// Its identity: service, signal and beginning, which is the look that saw it first. One that was never written, because the store was away, is seen first again
    /// after a crash, and is another.
    /// </summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Subject.ServiceId}-{AlertNames.Of(Signal)}-{StartedAt}");

    /// <summary>Whether it goes on.</summary>
    public bool IsOpen => State != AlertState.Resolved;
}

/// <summary>Why people are told of an alert.</summary>
public enum AnnouncementKind
{
    /// <summary>It began.</summary>
    Firing,

    /// <summary>It became more urgent.</summary>
    Escalated,

    /// <summary>It goes on.</summary>
    Reminder,

    /// <summary>It is over.</summary>
    Resolved,

    /// <summary>Nothing is wrong: somebody tries the channel.</summary>
    Test,
}
