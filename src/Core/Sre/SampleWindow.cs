namespace HealthTrack.Core.Sre;

/// <summary>
/// The samples of a sliding window, exact: ordered by due time, with the latencies kept sorted beside them, so that recording a result and
/// asking for a summary both cost less than a microsecond at 3600 samples. Thirteen bytes a sample. A sample that is due ahead of the clock is
/// held and counts once its time has come; a clock that is set back by up to a minute leaves the window where it was until it has caught up.
/// Not thread-safe: its owner locks.
/// </summary>
public sealed class SampleWindow
{
    private const byte OkFlag = 1;
    private const byte CountsInLatencyFlag = 2;

    // Due times are offsets from _origin: 32 bits of ms reach 49 days, and the longest window is 3600 checks long.
    private long _origin;
    private uint[] _due = [];
    private uint[] _latency = [];
    private byte[] _flags = [];
    private int _head;
    private int _count;

    // How many of them count; the rest, at the end, are due ahead of the clock.
    private int _entered;
    private WindowClock _clock;

    private uint[] _sorted = [];
    private int _sortedCount;
    private ulong _latencySum;

    private readonly long _length;
    private uint _apdexThreshold;
    private int _good;
    private int _satisfied;
    private int _tolerating;

    /// <summary>An empty window.</summary>
    /// <param name="length">Its length, at most 40 days.</param>
    /// <param name="apdexThreshold">The Apdex threshold T.</param>
    public SampleWindow(TimeSpan length, TimeSpan apdexThreshold)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, TimeSpan.FromDays(MaxDays));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        _length = (long)length.TotalMilliseconds;
        _apdexThreshold = Micros(apdexThreshold);
    }

    /// <summary>The longest window, days.</summary>
    public const int MaxDays = 40;

    /// <summary>Samples held, those ahead of the clock included.</summary>
    public int Count => _count;

    /// <summary>Counts all samples anew under another Apdex threshold.</summary>
    public void SetApdexThreshold(TimeSpan threshold)
    {
        var micros = Micros(threshold);
        if (micros == _apdexThreshold)
            return;
        _apdexThreshold = micros;
        _satisfied = 0;
        _tolerating = 0;
        for (var i = _head; i < _head + _entered; i++)
            CountApdex(_flags[i], _latency[i], 1);
    }

    /// <summary>Adds a result, at its place in the order of due times.</summary>
    /// <param name="now">The present, ms since the Unix epoch: what fell out of the window by now is let go first.</param>
    /// <param name="dueTime">When the check was due, ms since the Unix epoch; at most a minute ahead of <paramref name="now"/>.</param>
    /// <param name="latencyMicros">Its latency; above 71 min it counts as 71 min.</param>
    /// <param name="ok">Whether it was good.</param>
    /// <param name="countsInLatency">Whether its latency says something of the target's speed.</param>
    /// <returns>False where the check was due before the window began, and so does not count.</returns>
    public bool Add(long now, long dueTime, long latencyMicros, bool ok, bool countsInLatency)
    {
        var present = Advance(now);
        if (dueTime < WindowBounds.Start(present, _length))
            return false;

        MakeRoom(dueTime);
        var offset = (uint)(dueTime - _origin);
        var latency = (uint)Math.Clamp(latencyMicros, 0, uint.MaxValue);
        var flags = (byte)((ok ? OkFlag : 0) | (countsInLatency ? CountsInLatencyFlag : 0));

        var at = _head + _count;
        if (_count > 0 && _due[at - 1] > offset)
        {
            at = UpperBound(_due, _head, _count, offset);
            var moved = _head + _count - at;
            Array.Copy(_due, at, _due, at + 1, moved);
            Array.Copy(_latency, at, _latency, at + 1, moved);
            Array.Copy(_flags, at, _flags, at + 1, moved);
        }
        _due[at] = offset;
        _latency[at] = latency;
        _flags[at] = flags;
        _count++;

        if (dueTime <= present)
            Enter(at);
        return true;
    }

    /// <summary>Whether a sample that was due at <paramref name="dueTime"/> is held.</summary>
    public bool Holds(long dueTime)
    {
        var offset = dueTime - _origin;
        return _count > 0 && offset is >= 0 and <= uint.MaxValue
            && Array.BinarySearch(_due, _head, _count, (uint)offset) >= 0;
    }

    /// <summary>The numbers of the window that ends at <paramref name="now"/>.</summary>
    /// <param name="now">The present, ms since the Unix epoch. Not before that of an earlier call: what was let go does not come back.</param>
    /// <param name="firstDue">When the monitor's first check was due, ms since the Unix epoch: rates count from there where that is later than the
    /// window's start. Null before the first.</param>
    public WindowSummary Summarize(long now, long? firstDue)
    {
        var present = Advance(now);
        var seconds = firstDue is { } first ? (present - Math.Max(first, WindowBounds.Start(present, _length))) / 1000.0 : 0;
        return new WindowSummary
        {
            Good = _good,
            Bad = _entered - _good,
            LatencySamples = _sortedCount,
            AverageLatencyMs = _sortedCount == 0 ? null : _latencySum / (1000.0 * _sortedCount),
            P50LatencyMs = Percentile(50),
            P95LatencyMs = Percentile(95),
            P99LatencyMs = Percentile(99),
            Apdex = _entered == 0 ? null : (_satisfied + _tolerating / 2.0) / _entered,
            ThroughputPerSecond = _entered == 0 || seconds <= 0 ? null : _entered / seconds,
        };
    }

    // Nearest rank: x[ceil(p N)] of the sorted values, a value that was observed. Integers, because 0.95 * 20 is not 19 in floating point.
    private double? Percentile(int percent) =>
        _sortedCount == 0 ? null : _sorted[(percent * _sortedCount + 99) / 100 - 1] / 1000.0;

    private long Advance(long now)
    {
        var present = _clock.Follow(now);
        if (_count == 0)
            return present;

        var start = WindowBounds.Start(present, _length) - _origin;
        var expired = 0;
        while (expired < _count && _due[_head + expired] < start)
            expired++;
        if (expired > 0)
            LetGo(expired);
        while (_entered < _count && _due[_head + _entered] <= present - _origin)
            Enter(_head + _entered);
        // Only after the clock was set back by more than the window's clock puts up with.
        while (_entered > 0 && _due[_head + _entered - 1] > present - _origin)
            Leave(_head + _entered - 1, 1);
        return present;
    }

    private void Enter(int at)
    {
        _entered++;
        _good += _flags[at] & OkFlag;
        CountApdex(_flags[at], _latency[at], 1);
        if ((_flags[at] & CountsInLatencyFlag) != 0)
            InsertSorted(_latency[at]);
    }

    private void LetGo(int expired)
    {
        Leave(_head, Math.Min(expired, _entered));
        _head += expired;
        _count -= expired;
        if (_count == 0)
            _head = 0;
    }

    private void Leave(int from, int count)
    {
        const int OnStack = 256;
        Span<uint> latencies = count <= OnStack ? stackalloc uint[OnStack] : new uint[count];
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            _good -= _flags[i] & OkFlag;
            CountApdex(_flags[i], _latency[i], -1);
            if ((_flags[i] & CountsInLatencyFlag) != 0)
                latencies[found++] = _latency[i];
        }
        _entered -= count;
        RemoveSorted(latencies[..found]);
    }

    private void CountApdex(byte flags, uint latency, int by)
    {
        if ((flags & OkFlag) == 0)
            return;
        if (latency <= _apdexThreshold)
            _satisfied += by;
        else if (latency <= 4L * _apdexThreshold)
            _tolerating += by;
    }

    private void MakeRoom(long dueTime)
    {
        if (_count == 0)
            _origin = dueTime;
        else if (dueTime < _origin || dueTime - _origin > uint.MaxValue)
            MoveOrigin(Math.Min(dueTime, _origin + _due[_head]));

        if (_head + _count < _due.Length)
            return;
        // A quarter of slack before growing: moving the samples down costs one copy for every quarter of the array that has expired.
        if (_head > 0 && _head >= _due.Length / 4)
        {
            Array.Copy(_due, _head, _due, 0, _count);
            Array.Copy(_latency, _head, _latency, 0, _count);
            Array.Copy(_flags, _head, _flags, 0, _count);
            _head = 0;
            return;
        }
        var capacity = Math.Max(8, _count + _count / 4 + _head);
        Array.Resize(ref _due, capacity);
        Array.Resize(ref _latency, capacity);
        Array.Resize(ref _flags, capacity);
    }

    private void MoveOrigin(long origin)
    {
        var shift = _origin - origin;
        for (var i = _head; i < _head + _count; i++)
            _due[i] = (uint)(_due[i] + shift);
        _origin = origin;
    }

    private void InsertSorted(uint latency)
    {
        if (_sortedCount == _sorted.Length)
            Array.Resize(ref _sorted, Math.Max(8, _sortedCount + _sortedCount / 4));
        var at = UpperBound(_sorted, 0, _sortedCount, latency);
        Array.Copy(_sorted, at, _sorted, at + 1, _sortedCount - at);
        _sorted[at] = latency;
        _sortedCount++;
        _latencySum += latency;
    }

    // The start of the window moves a minute or more at a time, so that samples leave in groups: one pass closes all their gaps.
    private void RemoveSorted(Span<uint> leaving)
    {
        leaving.Sort();
        var to = 0;
        var from = 0;
        foreach (var latency in leaving)
        {
            var at = latency == 0 ? from : UpperBound(_sorted, from, _sortedCount - from, latency - 1);
            Array.Copy(_sorted, from, _sorted, to, at - from);
            to += at - from;
            from = at + 1;
            _latencySum -= latency;
        }
        Array.Copy(_sorted, from, _sorted, to, _sortedCount - from);
        _sortedCount -= leaving.Length;
    }

    // The index after the last element that is not greater than value.
    private static int UpperBound(uint[] values, int start, int count, uint value)
    {
        var low = start;
        var high = start + count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (values[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static uint Micros(TimeSpan duration) => (uint)Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
}
