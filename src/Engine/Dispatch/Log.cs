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

    [LoggerMessage(2105, LogLevel.Warning, "Worker {Worker} of pool {Pool} is lost: its monitors are given to others")]
    public static partial void WorkerLost(ILogger logger, string worker, string pool);

    [LoggerMessage(2106, LogLevel.Warning, "The clock of worker {Worker} is {Offset} ms ahead of this machine's: set one of the two right; from 30000 on it is given nothing to check")]
    public static partial void ClockOff(ILogger logger, string worker, long offset);

    [LoggerMessage(2107, LogLevel.Information, "Worker {Worker} is about to stop: {Reason}")]
    public static partial void WorkerLeaves(ILogger logger, string worker, string reason);

    [LoggerMessage(2108, LogLevel.Warning, "Worker {Worker} cannot check {Assignment}: {Reason}")]
    public static partial void AssignmentRefused(ILogger logger, string worker, Core.Assignments.AssignmentId assignment, string reason);

    [LoggerMessage(2109, LogLevel.Warning, "Who was connected before is not known; whoever comes is planned for at once: {Problem}")]
    public static partial void NobodyRecalled(ILogger logger, string problem);

    [LoggerMessage(2110, LogLevel.Warning, "A worker was refused ({Reason}): {Problem}")]
    public static partial void WorkerRefused(ILogger logger, string reason, string problem);

    [LoggerMessage(2111, LogLevel.Error, "The certificate of the link cannot be used; the one before stays: {Problem}")]
    public static partial void CertificateUnusable(ILogger logger, string problem);

    [LoggerMessage(2112, LogLevel.Error, "Worker {Worker} is not given {Assignment}: it takes {Bytes} bytes, which is more than a worker reads")]
    public static partial void AssignmentTooLarge(ILogger logger, string worker, Core.Assignments.AssignmentId assignment, int bytes);
}
