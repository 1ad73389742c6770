using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>
/// The rounds of a monitor with several locations. A round is one interval's slot, floor(due time / interval); every location's grid has
/// one phase below the interval, so each location has exactly one due time in a slot.
/// </summary>
/// <remarks>
/// Example: three locations, quorum 2. One sees down, two see ok: the worst is down, the second worst ok, so the round is ok. Two see down
/// and one ok: the second worst is down, and so is the round.
/// </remarks>
public static class Rounds
{
    /// <summary>The slot that a due time lies in.</summary>
    /// <param name="dueMs">The due time, ms since the Unix epoch, not negative.</param>
    /// <param name="intervalMs">The interval, ms, positive.</param>
    public static long SlotOf(long dueMs, long intervalMs) => dueMs / intervalMs;

    /// <summary>When a slot starts, ms since the Unix epoch.</summary>
    public static long StartOf(long slot, long intervalMs) => slot * intervalMs;

    /// <summary>
    /// What a round says: the <paramref name="quorum"/>-th worst vote of the live locations; null, unknown, with fewer votes than that.
    /// </summary>
    /// <param name="votes">A vote a location; null where it has not reported.</param>
    /// <param name="live">Whether the location at the same index counts: it reports and is not blind.</param>
    /// <param name="quorum">How many must see a failure for it to count; at least 1.</param>
    public static Outcome? OutcomeOf(ReadOnlySpan<Outcome?> votes, ReadOnlySpan<bool> live, int quorum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1);
        Span<int> counts = stackalloc int[(int)Outcome.Down + 1];
        counts.Clear();
        for (var i = 0; i < votes.Length; i++)
        {
            if (live[i] && votes[i] is { } vote)
                counts[(int)vote]++;
        }
        var asBad = 0;
        for (var outcome = Outcome.Down; ; outcome--)
        {
            asBad += counts[(int)outcome];
            if (asBad >= quorum)
                return outcome;
            if (outcome == Outcome.Ok)
                return null;
        }
    }

    /// <summary>
    /// Whether a round is over: every live location has voted, or interval + time limit have passed since its start. Without any live
    /// location only time closes it: one may yet report.
    /// </summary>
    /// <param name="votes">A vote a location; null where it has not reported.</param>
    /// <param name="live">Whether the location at the same index counts.</param>
    /// <param name="startMs">The round's start, ms since the Unix epoch.</param>
    /// <param name="lengthMs">Interval + time limit, ms.</param>
    /// <param name="nowMs">Now, ms since the Unix epoch.</param>
    public static bool IsClosed(ReadOnlySpan<Outcome?> votes, ReadOnlySpan<bool> live, long startMs, long lengthMs, long nowMs)
    {
        if (nowMs >= startMs + lengthMs)
            return true;
        var anyLive = false;
        for (var i = 0; i < votes.Length; i++)
        {
            if (live[i] && votes[i] is null)
                return false;
            anyLive |= live[i];
        }
        return anyLive;
    }
}
