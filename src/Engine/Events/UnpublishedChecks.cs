using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Events;

/// <summary>Keeps retention from deleting checks that Kafka has not had yet, up to twice their length; what is lost beyond that is counted.</summary>
internal sealed class UnpublishedChecks(IResultStore store, EventMetrics metrics, ILogger<UnpublishedChecks> log)
{
    // A late result is stored up to this long after it was due: behind the oldest that waits there may be one that is due earlier.
    private static readonly TimeSpan Late = TimeSpan.FromDays(1);

    /// <summary>Before when checks may be deleted.</summary>
    /// <param name="before">Before when they would be.</param>
    /// <param name="latest">Before when they are in any case.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DateTimeOffset> CutOffAsync(DateTimeOffset before, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        if (await store.Events.ReadCursorAsync(EventFeed.CursorOf(EventTopics.Checks), cancellationToken) is not { } cursor
            || await store.Events.ReadChecksAfterAsync(cursor, 1, cancellationToken) is not [var oldest])
            return before;
        var needed = DateTimeOffset.FromUnixTimeMilliseconds(oldest.Check.Result.DueTime) - Late;
        if (needed >= before)
            return before;
        if (needed >= latest)
            return needed;
        if (await store.Events.CountChecksAsync(cursor, latest.ToUnixTimeMilliseconds(), cancellationToken) is var lost and > 0)
        {
            metrics.Lost(lost);
            Log.Lost(log, lost);
        }
        return latest;
    }
}
