using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Deadman;

/// <summary>What the dead man's switch logs. Event ids 2900 to 2999. Its URL is a secret and never here.</summary>
internal static partial class Log
{
    [LoggerMessage(2900, LogLevel.Warning, "The dead man's switch could not be called: {Problem}")]
    public static partial void Failed(ILogger logger, string problem);

    [LoggerMessage(2901, LogLevel.Warning, "The dead man's switch is not called any more until all is well: {Problem}")]
    public static partial void Withheld(ILogger logger, string problem);

    [LoggerMessage(2902, LogLevel.Information, "The dead man's switch is called again")]
    public static partial void Back(ILogger logger);
}
