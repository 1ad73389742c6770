using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Api;

internal static partial class Log
{
    [LoggerMessage(2301, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2302, LogLevel.Debug, "A client went before it was answered: {Problem}")]
    public static partial void RequestAborted(ILogger logger, string problem);

    [LoggerMessage(2303, LogLevel.Error, "No request can be let in: {Problem}")]
    public static partial void TokenUnreadable(ILogger logger, string problem);
}
