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

    [LoggerMessage(2205, LogLevel.Warning, "The store is away; monitors are taken in when it is back: {Problem}")]
    public static partial void StoreAway(ILogger logger, string problem);
}
