using HealthTrack.Core.Checks;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Results;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "The store is away; results are held until it is back: {Problem}")]
    public static partial void StoreAway(ILogger logger, string problem);

    [LoggerMessage(2002, LogLevel.Information, "The store is back; {Count} held results are stored")]
    public static partial void StoreBack(ILogger logger, int count);

    [LoggerMessage(2003, LogLevel.Error, "{Count} results were never stored: the store is still away at the stop")]
    public static partial void HeldResultsLost(ILogger logger, int count);

    [LoggerMessage(2004, LogLevel.Error, "A defect keeps result {Id} from being stored or folded; it is left out and the others go on")]
    public static partial void FaultyResult(ILogger logger, Exception exception, CheckId id);

    [LoggerMessage(2050, LogLevel.Warning, "Location {Pool} is blind: all that it checks fails, and another location sees most of it well; its votes do not count")]
    public static partial void LocationBlind(ILogger logger, string pool);

    [LoggerMessage(2051, LogLevel.Information, "Location {Pool} sees again")]
    public static partial void LocationSees(ILogger logger, string pool);
}
