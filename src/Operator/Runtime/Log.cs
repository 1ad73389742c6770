
namespace HealthTrack.Operator.Runtime;

internal static partial class Log
{
    [LoggerMessage(6101, LogLevel.Information, "{Resource}: {Count} listed")]
    public static partial void Listed(ILogger logger, ResourceDefinition resource, int count);

    [LoggerMessage(6102, LogLevel.Information, "{Resource}: the list expired between two pages and is read in one piece: {Problem}")]
    public static partial void ListExpired(ILogger logger, ResourceDefinition resource, string problem);

    [LoggerMessage(6103, LogLevel.Information, "{Resource}: the watch fell behind what the API server holds, and begins with a list: {Problem}")]
    public static partial void WatchExpired(ILogger logger, ResourceDefinition resource, string problem);

    [LoggerMessage(6104, LogLevel.Warning, "{Problem}")]
    public static partial void CannotWatch(ILogger logger, string problem);

    [LoggerMessage(6105, LogLevel.Information, "{Resource}: watched again")]
    public static partial void WatchesAgain(ILogger logger, ResourceDefinition resource);

    [LoggerMessage(6106, LogLevel.Warning, "{Resource}: the watch did not end within {Seconds} s: the connection is dead, and is made anew")]
    public static partial void HalfOpen(ILogger logger, ResourceDefinition resource, double seconds);

    [LoggerMessage(6107, LogLevel.Error, "{Resource}: {Key} cannot be read and is left as it was: {Problem}")]
    public static partial void Unreadable(ILogger logger, ResourceDefinition resource, string key, string problem);

    [LoggerMessage(6108, LogLevel.Warning, "{Resource}: the watch sent an event of an unknown type, {Type}")]
    public static partial void UnknownEvent(ILogger logger, ResourceDefinition resource, string type);

    [LoggerMessage(6201, LogLevel.Warning, "Controller {Controller}: {Key} failed and is tried again in {Delay}: {Problem}")]
    public static partial void ReconcileFailed(ILogger logger, string controller, ResourceKey key, TimeSpan delay, string problem, Exception? cause);

    [LoggerMessage(6202, LogLevel.Error, "Controller {Controller}: the reconcile of {Key} goes on though it was cancelled; nothing else is done with this object until it ends")]
    public static partial void ReconcileStuck(ILogger logger, string controller, ResourceKey key);

    [LoggerMessage(6203, LogLevel.Information, "Controller {Controller}: stopped; {Abandoned} reconciles were left behind")]
    public static partial void Stopped(ILogger logger, string controller, int abandoned);

    [LoggerMessage(6204, LogLevel.Information, "Controller {Controller}: {Count} objects are reconciled for the first time")]
    public static partial void FirstReconciled(ILogger logger, string controller, int count);

    [LoggerMessage(6401, LogLevel.Information, "{Identity} stands for the Lease {Lease}")]
    public static partial void Candidate(ILogger logger, string identity, ResourceKey lease);

    [LoggerMessage(6402, LogLevel.Information, "{Identity} holds the Lease {Lease}, and makes the store its own")]
    public static partial void Acquired(ILogger logger, string identity, ResourceKey lease);

    [LoggerMessage(6403, LogLevel.Warning, "{Problem}")]
    public static partial void CannotRenew(ILogger logger, string problem);

    [LoggerMessage(6404, LogLevel.Error, "The election broke")]
    public static partial void ElectionBroke(ILogger logger, Exception error);

    [LoggerMessage(6301, LogLevel.Warning, "An event on {Kind} {Key} could not be written: {Problem}")]
    public static partial void EventLost(ILogger logger, string kind, ResourceKey key, string problem);
}
