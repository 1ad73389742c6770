using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>What the directory source logs. Event ids 1000 to 1049.</summary>
internal static partial class FolderLog
{
    [LoggerMessage(1001, LogLevel.Error, "{Problem}")]
    public static partial void FolderAway(ILogger logger, string problem);

    [LoggerMessage(1002, LogLevel.Information, "The folder {Folder} can be read again")]
    public static partial void FolderBack(ILogger logger, string folder);

    [LoggerMessage(1003, LogLevel.Warning, "{Problem}")]
    public static partial void ManifestProblem(ILogger logger, string problem);

    [LoggerMessage(1004, LogLevel.Warning, "The manifest {File} is invalid for {Monitor}: {Errors}")]
    public static partial void ManifestInvalid(ILogger logger, string file, string monitor, string errors);

    [LoggerMessage(1005, LogLevel.Warning, "The folder {Folder} cannot be watched, it is looked at every {Seconds} s instead: {Problem}")]
    public static partial void NotWatched(ILogger logger, string folder, double seconds, string problem);

    [LoggerMessage(1006, LogLevel.Error, "Looking at the folder {Folder} failed; it is tried again")]
    public static partial void LookFailed(ILogger logger, string folder, Exception error);
}
