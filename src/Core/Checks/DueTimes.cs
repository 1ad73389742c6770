namespace HealthTrack.Core.Checks;

/// <summary>
/// The grid of a monitor's due times: the instants t with t mod interval = hash64(UID, location) mod interval, in ms since the Unix epoch.
/// They depend on nothing else, so they are the same after a restart and on every worker.
/// </summary>
/// <remarks>
/// Why they are spread: 10 000 monitors at 10 s that all started on the second would send 10 000 requests within some ms and then
/// nothing for ten seconds; spread by the hash they are one a millisecond.
/// </remarks>
public static class DueTimes
{
    /// <summary>The phase of the grid, ms, 0 to interval - 1.</summary>
    /// <param name="uid">The monitor's UID.</param>
    /// <param name="location">The pool.</param>
    /// <param name="intervalMs">The interval, ms, positive.</param>
    public static long Phase(string uid, string location, long intervalMs) =>
        (long)(StableHash.Of(uid, location) % (ulong)intervalMs);

    /// <summary>Whether a check is due at <paramref name="instant"/>, ms since the Unix epoch.</summary>
    public static bool IsDue(string uid, string location, TimeSpan interval, long instant)
    {
        var intervalMs = (long)interval.TotalMilliseconds;
        return instant % intervalMs == Phase(uid, location, intervalMs);
    }

    /// <summary>The first due time after <paramref name="afterMs"/>.</summary>
    /// <param name="phase">What <see cref="Phase"/> gave.</param>
    /// <param name="intervalMs">The interval, ms, positive.</param>
    /// <param name="afterMs">An instant, ms since the Unix epoch, not negative.</param>
    public static long Next(long phase, long intervalMs, long afterMs)
    {
        var sincePhase = afterMs - phase;
        var slots = sincePhase < 0 ? 0 : sincePhase / intervalMs + 1;
        return phase + slots * intervalMs;
    }

    /// <summary>How many due times lie in (<paramref name="afterMs"/>, <paramref name="untilMs"/>].</summary>
    /// <param name="phase">What <see cref="Phase"/> gave.</param>
    /// <param name="intervalMs">The interval, ms, positive.</param>
    /// <param name="afterMs">The start, exclusive.</param>
    /// <param name="untilMs">The end, inclusive.</param>
    public static long CountBetween(long phase, long intervalMs, long afterMs, long untilMs) =>
        untilMs <= afterMs ? 0 : (Next(phase, intervalMs, untilMs) - Next(phase, intervalMs, afterMs)) / intervalMs;
}

/// <summary>A 64-bit hash that is the same in every process and on every machine.</summary>
public static class StableHash
{
    private const ulong Prime = 0x100000001B3;

    /// <summary>Hashes strings as a sequence: FNV-1a over their UTF-16 units with a separator, then MurmurHash3's finaliser for the low bits.</summary>
    public static ulong Of(string first, string second)
    {
        var hash = Add(0xCBF29CE484222325, first);
        hash = (hash ^ 0xFFFF) * Prime;
        hash = Add(hash, second);
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var unit in text)
            hash = (hash ^ unit) * Prime;
        return hash;
    }
}
