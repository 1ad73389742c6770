using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Storage;

/// <summary>What the storage logs. Event ids 2400 to 2499.</summary>
internal static partial class Log
{
    [LoggerMessage(2401, LogLevel.Information, "Retention deleted {Checks} checks due before {Before:u}")]
    public static partial void Deleted(ILogger logger, long checks, DateTimeOffset before);

    [LoggerMessage(2402, LogLevel.Error, "Retention could not delete checks due before {Before:u}; it tries again in an hour")]
    public static partial void RetentionFailed(ILogger logger, DateTimeOffset before, Exception error);
}
