namespace HealthTrack.Core.Sre;

/// <summary>
/// Good and bad counts of a sliding window, in bins as long as the rounding of its start: exact, with memory that does not depend on how often
/// is checked. Not thread-safe: its owner locks.
/// </summary>
public sealed class CountWindow
{
    private readonly long _length;
    private readonly long _granularity;
    private readonly ushort[] _good;
    private readonly ushort[] _bad;
    private long _firstBin = -1;
    private int _goodTotal;
    private int _badTotal;

    /// <summary>An empty window.</summary>
    public CountWindow(TimeSpan length)
    {
        _length = (long)length.TotalMilliseconds;
        _granularity = WindowBounds.Granularity(_length);
        // The bin that the start is rounded down to, the length itself, and one for results up to a minute ahead of the clock.
        var bins = (int)((_length + _granularity - 1) / _granularity) + 2;
        _good = new ushort[bins];
        _bad = new ushort[bins];
    }

    /// <summary>Adds <paramref name="good"/> and <paramref name="bad"/> results that were due at <paramref name="dueTime"/>.</summary>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="dueTime">When they were due, ms since the Unix epoch; in one bin where they were several.</param>
    /// <param name="good">How many were ok.</param>
    /// <param name="bad">How many were not.</param>
    /// <returns>False where they were due before the window began, or more than a bin ahead of its end, and so do not count.</returns>
    public bool Add(long now, long dueTime, int good, int bad)
    {
        Advance(now);
        var bin = dueTime / _granularity;
        if (bin < _firstBin || bin >= _firstBin + _good.Length)
            return false;
        var slot = (int)(bin % _good.Length);
        _good[slot] = checked((ushort)(_good[slot] + good));
        _bad[slot] = checked((ushort)(_bad[slot] + bad));
        _goodTotal += good;
        _badTotal += bad;
        return true;
    }

    /// <summary>The counts of the window that ends at <paramref name="now"/>.</summary>
    public (int Good, int Bad) Count(long now)
    {
        Advance(now);
        return (_goodTotal, _badTotal);
    }

    /// <summary>Good / (good + bad), percent; null without samples.</summary>
    public double? GoodPercent(long now)
    {
        var (good, bad) = Count(now);
        return good + bad == 0 ? null : 100.0 * good / (good + bad);
    }

    private void Advance(long now)
    {
        var firstBin = WindowBounds.Start(now, _length) / _granularity;
        if (_firstBin < 0)
            _firstBin = firstBin;
        // The slots that leave at the front are the ones that come in at the back: they are emptied on the way.
        for (var bin = _firstBin; bin < firstBin && bin < _firstBin + _good.Length; bin++)
        {
            var slot = (int)(bin % _good.Length);
            _goodTotal -= _good[slot];
            _badTotal -= _bad[slot];
            _good[slot] = 0;
            _bad[slot] = 0;
        }
        if (firstBin > _firstBin)
            _firstBin = firstBin;
    }
}
