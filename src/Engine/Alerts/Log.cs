using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>What alerts log. Event ids 2500 to 2599. Addresses of receivers are secrets and never here.</summary>
internal static partial class Log
{
    [LoggerMessage(2500, LogLevel.Warning, "The store is away: notifications go out without being written first: {Problem}")]
    public static partial void OutboxAway(ILogger logger, string problem);

    [LoggerMessage(2501, LogLevel.Information, "Notification {Id} goes out before it is written")]
    public static partial void SentUnwritten(ILogger logger, string id);

    [LoggerMessage(2502, LogLevel.Error, "The alerts of {Monitor} could not be looked at")]
    public static partial void LookFailed(ILogger logger, Exception exception, MonitorKey monitor);

    [LoggerMessage(2503, LogLevel.Warning, "{Monitor} names the notification channel {Channel}, which does not exist there or in the operator's namespace, or is wrong")]
    public static partial void ChannelMissing(ILogger logger, MonitorKey monitor, string channel);

    [LoggerMessage(2504, LogLevel.Error, "Alerts could not be written; it is tried again")]
    public static partial void OutboxBroke(ILogger logger, Exception exception);

    [LoggerMessage(2505, LogLevel.Warning, "Alerts are no longer this process's: {Problem}")]
    public static partial void OutboxFenced(ILogger logger, string problem);

    [LoggerMessage(2506, LogLevel.Warning, "The notification channels are not known after {Waited}: alerts begin without them")]
    public static partial void ChannelsUnknown(ILogger logger, TimeSpan waited);

    [LoggerMessage(2510, LogLevel.Information, "Told {Channel}: {Title} ({Id})")]
    public static partial void Sent(ILogger logger, ChannelKey channel, string title, string id);

    [LoggerMessage(2511, LogLevel.Warning, "{Channel} could not be told of {Id}; again in {Delay}: {Problem}")]
    public static partial void SendFailed(ILogger logger, ChannelKey channel, string id, TimeSpan delay, string problem);

    [LoggerMessage(2512, LogLevel.Error, "Gave up telling {Channel} of {Id} after {Attempts} tries: {Problem}")]
    public static partial void GaveUp(ILogger logger, ChannelKey channel, string id, int attempts, string problem);

    [LoggerMessage(2513, LogLevel.Error, "The delivery of {Id} to {Channel} broke; it is tried again")]
    public static partial void DeliveryBroke(ILogger logger, Exception exception, string id, ChannelKey channel);

    [LoggerMessage(2516, LogLevel.Warning, "{Channel} cannot be told of alerts: {Problem}")]
    public static partial void CannotBeTold(ILogger logger, ChannelKey channel, string problem);

    [LoggerMessage(2517, LogLevel.Information, "{Channel} can be told of alerts")]
    public static partial void CanBeTold(ILogger logger, ChannelKey channel);

    [LoggerMessage(2518, LogLevel.Error, "Whether {Channel} can be told could not be found out; it is tried again in some seconds")]
    public static partial void ChannelLookFailed(ILogger logger, Exception exception, ChannelKey channel);

    [LoggerMessage(2514, LogLevel.Warning, "Redis is away: notifications are sent without asking it whether somebody else has sent them: {Problem}")]
    public static partial void ClaimsAway(ILogger logger, string problem);

    [LoggerMessage(2515, LogLevel.Information, "Redis answers again")]
    public static partial void ClaimsBack(ILogger logger);
}
