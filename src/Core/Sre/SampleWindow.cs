using System.Numerics;
using System.Runtime.InteropServices;

namespace HealthTrack.Core.Sre;

/// <summary>
/// The samples of a sliding window, exact, in the order of their latencies, so that a percentile is one look and recording a result costs less than a microsecond
/// at 3600 samples. Eight bytes a sample, nine where any of them was not ok. A sample that is due ahead of the clock is held and counts once its time has
/// come; a clock that is set back by up to a minute leaves the window where it was until it has caught up. Not thread-safe: its owner locks.
/// </summary>
/// <remarks>
/// The order of due times is kept nowhere: the window's start moves a minute or more at a time, and one pass over the samples then takes out all that have left.
/// </remarks>
public sealed class SampleWindow
{
    private const byte OkFlag = 1;
    private const byte CountsInLatencyFlag = 2;
    private const byte Ordinary = OkFlag | CountsInLatencyFlag;
    private const int ApartFrom = 128;

    // Due times are offsets from _origin: 32 bits of ms reach 49 days, and a window is at most 40 long.
    private long _origin;

    // Latency in the upper half, due time in the lower. The first _timed ones count in the latency and are sorted; the others have no order.
    private ulong[] _samples = [];
    private int _count;
    private int _timed;

    // Null while all samples are ordinary, as most monitors' are at most times.
    private byte[]? _flags;
    private int _unusual;

    private List<(long DueTime, uint Latency, byte Flags)>? _ahead;
    private WindowClock _clock;
    private long _start;
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
    public int Count => _count + (_ahead?.Count ?? 0);

    /// <summary>Makes room for as many samples at once, and some more: a window that is filled from the store need not grow step by step, nor with the next result.</summary>
    public void Reserve(int samples)
    {
        if (samples > _samples.Length)
            Resize(Grown(samples));
    }

    /// <summary>Counts all samples anew under another Apdex threshold.</summary>
    public void SetApdexThreshold(TimeSpan threshold)
    {
        var micros = Micros(threshold);
        if (micros == _apdexThreshold)
            return;
        _apdexThreshold = micros;
        _satisfied = 0;
        _tolerating = 0;
        for (var i = 0; i < _count; i++)
            CountApdex(FlagsAt(i), LatencyOf(_samples[i]), 1);
    }

    /// <summary>Adds a result.</summary>
    /// <param name="now">The present, ms since the Unix epoch: what fell out of the window by now is let go first.</param>
    /// <param name="dueTime">When the check was due, ms since the Unix epoch; at most a minute ahead of <paramref name="now"/>.</param>
    /// <param name="latencyMicros">Its latency; above 71 min it counts as 71 min.</param>
    /// <param name="ok">Whether it was good.</param>
    /// <param name="countsInLatency">Whether its latency says something of the target's speed.</param>
    /// <returns>False where the check was due before the window began, and so does not count.</returns>
    public bool Add(long now, long dueTime, long latencyMicros, bool ok, bool countsInLatency)
    {
        var present = Advance(now);
        if (dueTime < _start)
            return false;
        var latency = (uint)Math.Clamp(latencyMicros, 0, uint.MaxValue);
        var flags = (byte)((ok ? OkFlag : 0) | (countsInLatency ? CountsInLatencyFlag : 0));
        if (dueTime > present)
            (_ahead ??= []).Add((dueTime, latency, flags));
        else
            Enter(dueTime, latency, flags);
        return true;
    }

    /// <summary>Whether a sample that was due at <paramref name="dueTime"/> is held.</summary>
    public bool Holds(long dueTime)
    {
        if (_ahead is not null && _ahead.Exists(sample => sample.DueTime == dueTime))
            return true;
        var offset = dueTime - _origin;
        if (offset is < 0 or > uint.MaxValue)
            return false;
        var samples = _samples.AsSpan(0, _count);
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(samples);
        var (wanted, lowerHalf) = (new Vector<ulong>((ulong)offset), new Vector<ulong>(uint.MaxValue));
        foreach (var vector in vectors)
        {
            if (Vector.EqualsAny(vector & lowerHalf, wanted))
                return true;
        }
        foreach (var sample in samples[(vectors.Length * Vector<ulong>.Count)..])
        {
            if ((uint)sample == offset)
                return true;
        }
        return false;
    }

    /// <summary>The numbers of the window that ends at <paramref name="now"/>.</summary>
    /// <param name="now">The present, ms since the Unix epoch. Not before that of an earlier call: what was let go does not come back.</param>
    /// <param name="firstDue">When the monitor's first check was due, ms since the Unix epoch: rates count from there where that is later than the
    /// window's start. Null before the first.</param>
    public WindowSummary Summarize(long now, long? firstDue)
    {
        var present = Advance(now);
        var seconds = firstDue is { } first ? (present - Math.Max(first, _start)) / 1000.0 : 0;
        return new WindowSummary
        {
            Good = _good,
            Bad = _count - _good,
            LatencySamples = _timed,
            AverageLatencyMs = _timed == 0 ? null : _latencySum / (1000.0 * _timed),
            P50LatencyMs = Percentile(50),
            P95LatencyMs = Percentile(95),
            P99LatencyMs = Percentile(99),
            Apdex = _count == 0 ? null : (_satisfied + _tolerating / 2.0) / _count,
            ThroughputPerSecond = _count == 0 || seconds <= 0 ? null : _count / seconds,
        };
    }

    // Nearest rank: x[ceil(p N)] of the sorted values, a value that was observed. Integers, because 0.95 * 20 is not 19 in floating point.
    private double? Percentile(int percent) =>
        _timed == 0 ? null : LatencyOf(_samples[(percent * _timed + 99) / 100 - 1]) / 1000.0;

    private long Advance(long now)
    {
        var before = _clock.Now;
        var present = _clock.Follow(now);
        var start = WindowBounds.Start(present, _length);
        // Only after the clock was set back by more than the window's clock puts up with is anything held that is due later than now.
        if (start > _start || present < before)
            LetGo(start, present);
        _start = start;
        if (_ahead is not null)
            TakeIn(_ahead, present);
        return present;
    }

    private void TakeIn(List<(long DueTime, uint Latency, byte Flags)> ahead, long present)
    {
        for (var i = ahead.Count - 1; i >= 0; i--)
        {
            var (dueTime, latency, flags) = ahead[i];
            if (dueTime > present)
                continue;
            ahead.RemoveAt(i);
            if (dueTime >= _start)
                Enter(dueTime, latency, flags);
        }
        if (ahead.Count == 0)
            _ahead = null;
    }

    private void Enter(long dueTime, uint latency, byte flags)
    {
        if (_count == 0)
            _origin = dueTime;
        else if (dueTime < _origin || dueTime - _origin > uint.MaxValue)
            MoveOrigin(dueTime);
        if (_count == _samples.Length)
            Resize(Grown(_count));
        if (flags != Ordinary && _flags is null)
        {
            _flags = new byte[_samples.Length];
            _flags.AsSpan(0, _count).Fill(Ordinary);
        }

        var sample = ((ulong)latency << 32) | (uint)(dueTime - _origin);
        var at = (flags & CountsInLatencyFlag) != 0 ? PlaceOf(sample) : _count;
        Array.Copy(_samples, at, _samples, at + 1, _count - at);
        _samples[at] = sample;
        if (_flags is not null)
        {
            Array.Copy(_flags, at, _flags, at + 1, _count - at);
            _flags[at] = flags;
        }
        _count++;
        Tally(flags, latency, 1);
    }

    // One pass closes all gaps.
    private void LetGo(long start, long present)
    {
        var to = 0;
        for (var i = 0; i < _count; i++)
        {
            var due = _origin + (uint)_samples[i];
            if (due >= start && due <= present)
            {
                _samples[to] = _samples[i];
                if (_flags is not null)
                    _flags[to] = _flags[i];
                to++;
                continue;
            }
            var (latency, flags) = (LatencyOf(_samples[i]), FlagsAt(i));
            Tally(flags, latency, -1);
            if (due > present)
                (_ahead ??= []).Add((due, latency, flags));
        }
        _count = to;
        if (_unusual == 0)
            _flags = null;
    }

    private void Tally(byte flags, uint latency, int by)
    {
        _good += (flags & OkFlag) * by;
        CountApdex(flags, latency, by);
        if (flags != Ordinary)
            _unusual += by;
        if ((flags & CountsInLatencyFlag) == 0)
            return;
        _timed += by;
        _latencySum = by > 0 ? _latencySum + latency : _latencySum - latency;
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

    // Small steps: what is room to grow in one monitor is memory in ten thousand.
    private static int Grown(int samples) => samples + Math.Max(8, samples / 16);

    private void Resize(int capacity)
    {
        // Apart from other objects, in the heap of those that never move: ten thousand windows are a third of all that lives, and the collector lets the heap that they
        // are in grow by as much as 80 % of it before it looks.
        var samples = GC.AllocateUninitializedArray<ulong>(capacity, pinned: capacity >= ApartFrom);
        _samples.AsSpan(0, _count).CopyTo(samples);
        _samples = samples;
        if (_flags is not null)
            Array.Resize(ref _flags, capacity);
    }

    private void MoveOrigin(long dueTime)
    {
        var origin = dueTime;
        for (var i = 0; i < _count; i++)
            origin = Math.Min(origin, _origin + (uint)_samples[i]);
        for (var i = 0; i < _count; i++)
            _samples[i] = (_samples[i] & ~(ulong)uint.MaxValue) | (uint)((uint)_samples[i] + (_origin - origin));
        _origin = origin;
    }

    // The index after the last of the sorted ones that is not greater.
    private int PlaceOf(ulong sample)
    {
        var at = _samples.AsSpan(0, _timed).BinarySearch(sample);
        return at < 0 ? ~at : at;
    }

    private byte FlagsAt(int at) => _flags is null ? Ordinary : _flags[at];

    private static uint LatencyOf(ulong sample) => (uint)(sample >> 32);

    private static uint Micros(TimeSpan duration) => (uint)Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
}
