using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Events;

/// <summary>Keeps retention from deleting checks that Kafka has not had yet, up to twice their length; what is lost beyond that is counted.</summary>
internal sealed class UnpublishedChecks(IResultStore store, EventMetrics metrics, ILogger<UnpublishedChecks> log)
{
    // A late result is stored up to this long after it was due: behind the oldest that waits there may be one that is due earlier.
    private static readonly TimeSpan Late = TimeSpan.FromDays(1);

    /// <summary>Before when checks may be deleted, and what of them Kafka would then never have.</summary>
    /// <param name="before">Before when they would be.</param>
    /// <param name="latest">Before when they are in any case.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RetentionCutOff> CutOffAsync(DateTimeOffset before, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        if (await store.Events.ReadCursorAsync(EventFeed.CursorOf(EventTopics.Checks), cancellationToken) is not { } cursor
            || await store.Events.ReadChecksAfterAsync(cursor, 1, cancellationToken) is not [var oldest])
            return new(before);
        var needed = DateTimeOffset.FromUnixTimeMilliseconds(oldest.Check.Result.DueTime) - Late;
        if (needed >= before)
            return new(before);
        return needed >= latest
            ? new(needed)
            : new(latest, cursor, await store.Events.CountChecksAsync(cursor, latest.ToUnixTimeMilliseconds(), cancellationToken));
    }

    /// <summary>Counts what went with a deletion. What a longer window keeps is there still, and is no loss.</summary>
    public async Task CountLostAsync(RetentionCutOff cutOff, CancellationToken cancellationToken)
    {
        if (cutOff.AtRisk == 0)
            return;
        var lost = cutOff.AtRisk - await store.Events.CountChecksAsync(cutOff.Cursor, cutOff.Before.ToUnixTimeMilliseconds(), cancellationToken);
        if (lost <= 0)
            return;
        metrics.Lost(lost);
        Log.Lost(log, lost);
    }
}

/// <summary>Up to when retention deletes.</summary>
/// <param name="Before">Checks that were due before this.</param>
/// <param name="Cursor">Up to which id of a check Kafka had them.</param>
/// <param name="AtRisk">How many checks after that are due before <paramref name="Before"/>.</param>
internal readonly record struct RetentionCutOff(DateTimeOffset Before, long Cursor = 0, long AtRisk = 0);
