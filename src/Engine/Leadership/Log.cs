using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Leadership;

/// <summary>What leadership logs. Event ids 2700 to 2799.</summary>
internal static partial class Log
{
    [LoggerMessage(2701, LogLevel.Information, "This process leads")]
    public static partial void Leads(ILogger logger);

    [LoggerMessage(2702, LogLevel.Critical, "This process stops: {Reason}")]
    public static partial void LeadsNoMore(ILogger logger, string reason);

    [LoggerMessage(2703, LogLevel.Warning, "The store is away at the start; everything waits for it: {Problem}")]
    public static partial void AwayAtStart(ILogger logger, string problem);

    [LoggerMessage(2704, LogLevel.Information, "The store is this process' own under epoch {Epoch}")]
    public static partial void TookOver(ILogger logger, long epoch);
}
