using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Information, "Worker {Worker} of pool {Pool} connected (version {Version})")]
    public static partial void WorkerConnected(ILogger logger, string worker, string pool, string version);

    [LoggerMessage(2102, LogLevel.Information, "Worker {Worker} disconnected")]
    public static partial void WorkerDisconnected(ILogger logger, string worker);

    [LoggerMessage(2103, LogLevel.Error, "The plan could not be made; the workers keep what they have")]
    public static partial void PlanFailed(ILogger logger, Exception exception);

    [LoggerMessage(2104, LogLevel.Error, "Secrets cannot be read now; monitors that need them are checked as before")]
    public static partial void SecretsUnreadable(ILogger logger, Exception exception);
}
