using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Events;

/// <summary>What the event stream logs. Event ids 2800 to 2899.</summary>
internal static partial class Log
{
    [LoggerMessage(2800, LogLevel.Warning, "Kafka does not take {Topic}: its events wait in the store: {Problem}")]
    public static partial void SinkAway(ILogger logger, string topic, string problem);

    [LoggerMessage(2801, LogLevel.Information, "Kafka takes {Topic} again")]
    public static partial void SinkBack(ILogger logger, string topic);

    [LoggerMessage(2802, LogLevel.Information, "Events of {Topic} are published from now on, after position {Position}")]
    public static partial void Begun(ILogger logger, string topic, long position);

    [LoggerMessage(2803, LogLevel.Error, "{Count} checks were deleted before they could be published: Kafka was away for longer than they are kept twice over")]
    public static partial void Lost(ILogger logger, long count);

    [LoggerMessage(2805, LogLevel.Error, "Kafka takes no event of {Topic} as large as {Key}, of {Length} characters: it is passed over. Raise max.message.bytes of the topic")]
    public static partial void TooLarge(ILogger logger, string key, string topic, int length);

    [LoggerMessage(2806, LogLevel.Error, "Kafka does not take {Key} of {Topic}, which is passed over: {Problem}")]
    public static partial void Invalid(ILogger logger, string key, string topic, string problem);

    [LoggerMessage(2804, LogLevel.Debug, "Kafka client, {Facility}: {Message}")]
    public static partial void ClientSaid(ILogger logger, string facility, string message);
}
