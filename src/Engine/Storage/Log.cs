using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Storage;

/// <summary>What the storage logs. Event ids 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Retention deleted {Checks} checks due before {Before:u}")]
    public static partial void Deleted(ILogger logger, long checks, DateTimeOffset before);

    [LoggerMessage(3002, LogLevel.Error, "Retention could not delete checks due before {Before:u}; it tries again in an hour")]
    public static partial void RetentionFailed(ILogger logger, DateTimeOffset before, Exception error);
}
