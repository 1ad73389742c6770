using HealthTrack.Core.Monitors;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

internal static partial class Log
{
    [LoggerMessage(2201, LogLevel.Information, "All sources are read: {Count} monitors")]
    public static partial void Synced(ILogger logger, int count);

    [LoggerMessage(2202, LogLevel.Debug, "Monitor {Monitor} is in force (id {Id}, generation {Generation})")]
    public static partial void Declared(ILogger logger, MonitorKey monitor, long id, long generation);

    [LoggerMessage(2203, LogLevel.Warning, "Monitor {Monitor} in {Origin} is invalid: {Errors}")]
    public static partial void Invalid(ILogger logger, MonitorKey monitor, string origin, string errors);

    [LoggerMessage(2204, LogLevel.Information, "Monitor {Monitor} is removed")]
    public static partial void Removed(ILogger logger, MonitorKey monitor);

    [LoggerMessage(2206, LogLevel.Error, "A defect keeps the declaration of {Monitor} from being taken in; it is left out and the others go on")]
    public static partial void FaultyDeclaration(ILogger logger, Exception exception, MonitorKey monitor);

    [LoggerMessage(2207, LogLevel.Warning, "The histories of {Count} monitors cannot be read together, and are read one by one: {Problem}")]
    public static partial void HistoriesOneByOne(ILogger logger, int count, string problem);

    [LoggerMessage(2211, LogLevel.Error, "{Problem}")]
    public static partial void FolderAway(ILogger logger, string problem);

    [LoggerMessage(2212, LogLevel.Information, "The folder {Folder} can be read again")]
    public static partial void FolderBack(ILogger logger, string folder);

    [LoggerMessage(2213, LogLevel.Warning, "{Problem}")]
    public static partial void ManifestProblem(ILogger logger, string problem);

    [LoggerMessage(2214, LogLevel.Warning, "The folder {Folder} cannot be watched, it is looked at every {Seconds} s instead: {Problem}")]
    public static partial void NotWatched(ILogger logger, string folder, double seconds, string problem);

    [LoggerMessage(2215, LogLevel.Error, "Looking at the folder {Folder} failed; it is tried again")]
    public static partial void LookFailed(ILogger logger, string folder, Exception error);

    [LoggerMessage(2205, LogLevel.Warning, "The store is away; monitors are taken in when it is back: {Problem}")]
    public static partial void StoreAway(ILogger logger, string problem);
}
