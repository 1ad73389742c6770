namespace HealthTrack.Core.Sre;

/// <summary>
/// Where a window begins. A window ends now; its start is rounded down to 1 min (windows up to 6 h), 5 min (up to 3 d) or 1 h (longer).
/// That is its definition, so that windows can be kept in bins and still be exact.
/// </summary>
public static class WindowBounds
{
    private const long Minute = 60_000;

    /// <summary>What the start of a window of <paramref name="length"/> ms is rounded down to, ms.</summary>
    public static long Granularity(long length) => length switch
    {
        <= 6 * 60 * Minute => Minute,
        <= 3 * 24 * 60 * Minute => 5 * Minute,
        _ => 60 * Minute,
    };

    /// <summary>The start, inclusive, of the window of <paramref name="length"/> ms that ends at <paramref name="now"/>; ms since the Unix epoch.</summary>
    public static long Start(long now, long length)
    {
        var granularity = Granularity(length);
        var start = now - length;
        return start - Modulo(start, granularity);
    }

    private static long Modulo(long value, long modulus)
    {
        var remainder = value % modulus;
        return remainder < 0 ? remainder + modulus : remainder;
    }
}
