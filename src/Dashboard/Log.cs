namespace HealthTrack.Dashboard;

/// <summary>Everything that the dashboard logs. Event ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "Live: {Services} services from {Api}")]
    public static partial void StreamLive(ILogger logger, int services, Uri api);

    [LoggerMessage(4001, LogLevel.Warning, "No live updates from {Api}: {Reason}; trying again")]
    public static partial void StreamAway(ILogger logger, Uri api, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "An event of the stream could not be read and was left out: {Reason}")]
    public static partial void EventUnreadable(ILogger logger, string reason);

    [LoggerMessage(4003, LogLevel.Warning, "Refused {Method} {Path}: {Reason}")]
    public static partial void RequestRefused(ILogger logger, string method, string path, string reason);

    [LoggerMessage(4004, LogLevel.Warning, "Bound to {Bind}, beyond loopback: the dashboard is read-only")]
    public static partial void ReadOnly(ILogger logger, string bind);

    [LoggerMessage(4006, LogLevel.Information, "Now listening on: {Address}")]
    public static partial void Listening(ILogger logger, string address);
}
