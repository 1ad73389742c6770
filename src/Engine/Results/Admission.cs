using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Results;

/// <summary>Which results are taken in. A refused one is acknowledged all the same: sending it again would change nothing.</summary>
internal static class Admission
{
    private const string TooOld = "too_old";
    private const string InTheFuture = "in_the_future";
    private const string ForeignLocation = "foreign_location";
    private const string UnknownMonitor = "unknown_monitor";

    /// <summary>A worker that reports a monitor which it was never given: who receives its results says so (<see cref="IncomingResults.Refuses"/>).</summary>
    public const string NotAssigned = "not_assigned";

    private const long MaxAge = 24 * 3600 * 1000;
    private const long MaxAhead = 60 * 1000;

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [TooOld, InTheFuture, ForeignLocation, UnknownMonitor, NotAssigned];

    /// <summary>Why a result is refused, as the value of a metric's label; null where it is not, and then <paramref name="state"/> is set.</summary>
    public static string? Refuses(CheckResult result, string location, Fleet fleet, long now, out MonitorState? state)
    {
        state = null;
        if (result.DueTime < now - MaxAge)
            return TooOld;
        if (result.DueTime > now + MaxAhead)
            return InTheFuture;
        if (result.Location != location)
            return ForeignLocation;
        return fleet.TryGet(result.Uid, out state) ? null : UnknownMonitor;
    }
}
