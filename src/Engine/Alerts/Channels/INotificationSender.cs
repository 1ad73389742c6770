using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>Sends notifications to receivers of one kind.</summary>
internal interface INotificationSender
{
    /// <summary>The type of the channels, as in <c>spec.type</c>.</summary>
    string Type { get; }

    /// <summary>What is wrong with an address, a sentence without it; null where it is one.</summary>
    string? AddressProblem(string address);

    /// <summary>Sends once, within its own time limit. A failure is a value, without the address in it.</summary>
    /// <param name="channel">The receiver.</param>
    /// <param name="address">Where it is: a secret.</param>
    /// <param name="notification">What is said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Attempt> SendAsync(NotificationChannel channel, string address, Notification notification, CancellationToken cancellationToken);
}

/// <summary>What became of one try.</summary>
internal enum SendResult
{
    /// <summary>The receiver took it.</summary>
    Arrived,

    /// <summary>It did not get there, or the receiver has a fault that passes.</summary>
    Failed,

    /// <summary>The receiver does not want it: a person has to change something.</summary>
    Refused,

    /// <summary>There is nobody to send it to.</summary>
    NoChannel,

    /// <summary>Another process has sent it.</summary>
    SentByAnother,

    /// <summary>Another process is about to send it.</summary>
    HeldByAnother,
}

/// <summary>One try.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Type">The type of the channel.</param>
/// <param name="Problem">What went wrong, one line without secrets; empty where nothing did.</param>
/// <param name="RetryAfter">When the receiver wants to be asked again; null: it did not say.</param>
internal readonly record struct Attempt(SendResult Result, string Type, string Problem, TimeSpan? RetryAfter = null);
