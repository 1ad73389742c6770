using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

/// <summary>One thing that happens in a random history. The numbers are scaled by whoever reads them.</summary>
internal readonly record struct Happening(int What, double Scale, long LatencyMicros, Outcome Outcome, CheckKind Kind, bool CountsInLatency)
{
    private static readonly Gen<Outcome> Outcomes = Gen.Int[0, 9].Select(n => n < 6 ? Outcome.Ok : (Outcome)(n - 6));
    private static readonly Gen<CheckKind> Kinds = Gen.Int[0, 9].Select(n => n < 8 ? CheckKind.Scheduled : (CheckKind)(n - 7));
    // Small numbers meet often, so that equal latencies and the bounds of Apdex are hit; large ones reach up to 71 min.
    private static readonly Gen<long> Latencies = Gen.OneOf(Gen.Long[0, 20], Gen.Long[0, 5_000_000], Gen.Long[0, uint.MaxValue]);

    public static Gen<Happening> Any { get; } = Gen.Select(
        Gen.Int[0, 99], Gen.Double[0, 1], Latencies, Outcomes, Kinds, Gen.Int[0, 4],
        (what, scale, latency, outcome, kind, slowOnly) => new Happening(
            what, scale, latency, outcome, kind, outcome == Outcome.Ok || (outcome == Outcome.Error && slowOnly > 0)));
}

/// <summary>A monitor's life: what happens is told to the windows and written into a list for the oracle.</summary>
internal sealed class WindowHistory
{
    private const long Day = 24 * 60 * 60_000L;
    private const long BinLength = 5 * 60_000L;

    private readonly TimeSpan _window;
    private readonly long _intervalMs;
    private readonly List<PastCheck> _checks = [];
    private MonitorWindows _windows;
    private TimeSpan _apdexThreshold;
    private long _time;
    private long _clockBehind;
    private long _latestNow;

    public WindowHistory(TimeSpan window, TimeSpan interval, TimeSpan apdexThreshold, long begin)
    {
        _window = window;
        _intervalMs = (long)interval.TotalMilliseconds;
        _apdexThreshold = apdexThreshold;
        _windows = new MonitorWindows(window, apdexThreshold);
        _time = begin;
    }

    // A clock that is set back by some seconds does not take a window back: it waits until the clock has caught up.
    private long Now => _time - _clockBehind;

    private long WindowNow => _latestNow = Math.Max(_latestNow, Now);

    public void Live(Happening h)
    {
        switch (h.What)
        {
            case < 45: // On its grid, more or less.
                _time += (long)(_intervalMs * h.Scale * 2);
                Record(h, Now);
                break;
            case < 60: // Late, in any order; more than a day late is refused before it gets here.
                Record(h, Now - (long)(Math.Min(_window.TotalMilliseconds * 1.3, Day) * h.Scale));
                break;
            case < 70: // Ahead of our clock.
                Record(h, Now + (long)(60_000 * h.Scale));
                break;
            case < 75: // On the very bounds of the window.
                Record(h, WindowOracle.Start(DateTimeOffset.FromUnixTimeMilliseconds(Now), _window).ToUnixTimeMilliseconds() - (h.What == 70 ? 1 : 0));
                break;
            case < 82: // A hole.
                _time += (long)(_window.TotalMilliseconds * 1.5 * h.Scale * h.Scale);
                break;
            case < 90: // A little time passes.
                _time += (long)(90_000 * h.Scale);
                break;
            case < 94: // The clock is set, and is never more than 50 s behind.
                _clockBehind = (long)(50_000 * h.Scale);
                break;
            case < 97:
                _apdexThreshold = TimeSpan.FromMicroseconds(h.LatencyMicros / 4);
                _windows.SetApdexThreshold(_apdexThreshold);
                break;
            case 97:
                Resize();
                break;
            default:
                Restart(fromBins: h.What != 99);
                break;
        }
    }

    public void AssertSummary()
    {
        var expected = WindowOracle.Summarize(_checks, WindowNow, _window, _apdexThreshold);
        var actual = _windows.Summarize(Now);
        Assert.Equal(expected.Good, actual.Good);
        Assert.Equal(expected.Bad, actual.Bad);
        Assert.Equal(expected.Good + expected.Bad, actual.Checks);
        Assert.Equal(expected.LatencySamples, actual.LatencySamples);
        Near(expected.AverageMs, actual.AverageLatencyMs);
        // Observed values: equal, not near.
        Assert.Equal((double?)expected.P50Ms, actual.P50LatencyMs);
        Assert.Equal((double?)expected.P95Ms, actual.P95LatencyMs);
        Assert.Equal((double?)expected.P99Ms, actual.P99LatencyMs);
        Near(expected.Apdex, actual.Apdex);
        Near(expected.ErrorRatePercent, actual.ErrorRatePercent);
        Near(expected.PerSecond, actual.ThroughputPerSecond);
        Near(expected.PerMinute, actual.RequestsPerMinute);
        Near(WindowOracle.UptimePercent(_checks, WindowNow), _windows.UptimePercent(Now));
        AssertHolds();
    }

    // Those ahead of the clock are held already: a resend must be known.
    private void AssertHolds()
    {
        var start = WindowOracle.Start(DateTimeOffset.FromUnixTimeMilliseconds(WindowNow), _window).ToUnixTimeMilliseconds();
        var held = _checks.Where(c => c.Kind != CheckKind.Manual && c.Due >= start).Select(c => c.Due).ToHashSet();
        foreach (var due in _checks.TakeLast(5).SelectMany(c => new[] { c.Due - 1, c.Due, c.Due + 1 }))
            Assert.Equal(held.Contains(due), _windows.Holds(due));
    }

    private void Record(Happening h, long due)
    {
        _checks.Add(new PastCheck(due, h.LatencyMicros, h.Outcome, h.Kind, h.CountsInLatency));
        if (h.Kind != CheckKind.Manual) // The windows do not look at the clock for one that they leave out.
            _latestNow = Math.Max(_latestNow, Now);
        _windows.Record(Now, due, h.LatencyMicros, h.Outcome, h.Kind, h.CountsInLatency);
    }

    // New windows cannot know that the clock was ahead before.
    private void SetClockRight()
    {
        _clockBehind = 0;
        _time = Math.Max(_time, _latestNow);
    }

    // As after a change of the spec's window: new samples from the store, the same uptime.
    private void Resize()
    {
        SetClockRight();
        var now = WindowNow;
        _windows = _windows.Resized(_window, _apdexThreshold);
        foreach (var c in _checks.OrderBy(c => c.Due))
            _windows.RecordSample(now, c.Due, c.LatencyMicros, c.Outcome, c.Kind, c.CountsInLatency);
    }

    // The windows are made anew from what the store gives: samples by due time, and the uptime counted in bins.
    private void Restart(bool fromBins)
    {
        SetClockRight();
        var now = WindowNow;
        _windows = new MonitorWindows(_window, _apdexThreshold);
        var stored = _checks.OrderBy(c => c.Due).ToList();
        if (!fromBins)
        {
            foreach (var c in stored)
                _windows.Record(now, c.Due, c.LatencyMicros, c.Outcome, c.Kind, c.CountsInLatency);
            return;
        }
        foreach (var c in stored)
            _windows.RecordSample(now, c.Due, c.LatencyMicros, c.Outcome, c.Kind, c.CountsInLatency);
        var counted = stored.Where(c => c.Kind != CheckKind.Manual).ToList();
        foreach (var bin in counted.Where(c => c.Due <= now).GroupBy(c => c.Due / BinLength))
            _windows.RecordUptime(now, bin.Key * BinLength, bin.Count(c => c.Outcome == Outcome.Ok), bin.Count(c => c.Outcome != Outcome.Ok));
        foreach (var c in counted.Where(c => c.Due > now))
            _windows.RecordUptime(now, c.Due, c.Outcome == Outcome.Ok ? 1 : 0, c.Outcome == Outcome.Ok ? 0 : 1);
    }

    private static void Near(decimal? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } e && actual is { } a)
            Assert.True(Math.Abs((double)e - a) <= 1e-12 * Math.Abs((double)e), $"Expected {e}, was {a:R}.");
    }
}
