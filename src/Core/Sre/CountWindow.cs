namespace HealthTrack.Core.Sre;

/// <summary>
/// Good and bad counts of a sliding window, in bins as long as the rounding of its start: exact, with memory that does not depend on how often
/// is checked. Results that are due ahead of the clock wait aside and count once their time has come; a clock that is set back by up to a
/// minute leaves the window where it was until it has caught up. Not thread-safe: its owner locks.
/// </summary>
public sealed class CountWindow
{
    private readonly long _length;
    private readonly long _granularity;
    private readonly int _bins;
    private BinCounts _good;
    private BinCounts _bad;
    private List<(long DueTime, int Good, int Bad)>? _ahead;
    private WindowClock _clock;
    private long _firstBin;
    private int _goodTotal;
    private int _badTotal;

    /// <summary>An empty window.</summary>
    public CountWindow(TimeSpan length)
    {
        _length = (long)length.TotalMilliseconds;
        _granularity = WindowBounds.Granularity(_length);
        // The start's bin is whole, so that the present can be one bin further on than the length alone reaches.
        _bins = (int)((_length + _granularity - 1) / _granularity) + 1;
    }

    /// <summary>Adds <paramref name="good"/> and <paramref name="bad"/> results that were due at <paramref name="dueTime"/>.</summary>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="dueTime">When they were due, ms since the Unix epoch; in one bin where they were several.</param>
    /// <param name="good">How many were ok.</param>
    /// <param name="bad">How many were not.</param>
    /// <returns>False where they were due before the window began, and so do not count.</returns>
    public bool Add(long now, long dueTime, int good, int bad)
    {
        var present = Advance(now);
        if (dueTime > present)
        {
            (_ahead ??= []).Add((dueTime, good, bad));
            return true;
        }
        return Put(dueTime, good, bad);
    }

    private bool Put(long dueTime, int good, int bad)
    {
        var bin = dueTime / _granularity;
        if (bin < _firstBin)
            return false;
        var slot = (int)(bin % _bins);
        _good.Add(slot, good, _bins);
        _bad.Add(slot, bad, _bins);
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

    private long Advance(long now)
    {
        var present = _clock.Follow(now);
        MoveTo(WindowBounds.Start(present, _length) / _granularity);
        if (_ahead is not null)
            TakeIn(_ahead, present);
        return present;
    }

    private void MoveTo(long firstBin)
    {
        // Forward, the slots that leave at the front are the ones that come in at the back: they are emptied on the way. Backward (the clock was
        // wrong and is set right) it is the other way round; what counted ahead of the clock and is still inside stays.
        var forward = firstBin > _firstBin;
        var bins = Math.Min(Math.Abs(firstBin - _firstBin), _bins);
        for (var i = 0; i < bins; i++)
            Empty((forward ? _firstBin : firstBin) + i);
        _firstBin = firstBin;
    }

    private void Empty(long bin)
    {
        var slot = (int)(bin % _bins);
        _goodTotal -= _good.Take(slot);
        _badTotal -= _bad.Take(slot);
    }

    private void TakeIn(List<(long DueTime, int Good, int Bad)> ahead, long present)
    {
        for (var i = ahead.Count - 1; i >= 0; i--)
        {
            var (dueTime, good, bad) = ahead[i];
            if (dueTime > present)
                continue;
            ahead.RemoveAt(i);
            Put(dueTime, good, bad);
        }
        if (ahead.Count == 0)
            _ahead = null;
    }
}
