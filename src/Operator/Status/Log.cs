using HealthTrack.Core.Monitors;

namespace HealthTrack.Operator.Status;

internal static partial class Log
{
    [LoggerMessage(6401, LogLevel.Warning, "The status of {Monitor} could not be written and is tried again in {Delay}: {Problem}")]
    public static partial void StatusFailed(ILogger logger, MonitorKey monitor, TimeSpan delay, string problem);

    [LoggerMessage(6403, LogLevel.Warning, "Statuses cannot be written now; what is known then is written when the API server takes it again: {Problem}")]
    public static partial void StatusAway(ILogger logger, string problem);

    [LoggerMessage(6404, LogLevel.Information, "Statuses are written again")]
    public static partial void StatusBack(ILogger logger);

    [LoggerMessage(6402, LogLevel.Error, "The status of {Monitor} could not be built and is tried again in {Delay}")]
    public static partial void StatusBroken(ILogger logger, MonitorKey monitor, TimeSpan delay, Exception cause);
}
