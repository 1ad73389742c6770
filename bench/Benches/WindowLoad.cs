using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;

namespace HealthTrack.Bench.Benches;

/// <summary>A monitor with a full window of an hour, to which one result after another comes.</summary>
internal sealed class WindowLoad
{
    private const int Pool = 1 << 14;

    private readonly MonitorWindows _windows = new(TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(100));
    private readonly long[] _latencies;
    private readonly long _intervalMs;
    private long _now;
    private int _next;

    public WindowLoad(int samples, int seed)
    {
        _latencies = Latencies(seed);
        _intervalMs = 3_600_000 / samples;
        _now = 1_767_614_400_000 + (seed * 977); // Not all at the same second.
        for (var i = 0; i < samples + (samples / 10); i++)
            Record();
    }

    /// <summary>Latencies as services have them: most near 40 ms, a long tail; µs. As many as a power of two.</summary>
    public static long[] Latencies(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Pool).Select(_ => (long)(40_000 * Math.Exp(0.8 * Normal(random))))];
    }

    /// <summary>The next result: one in fifty is bad.</summary>
    public void Record()
    {
        _now += _intervalMs;
        var latency = _latencies[_next++ & (Pool - 1)];
        var ok = _next % 50 != 0;
        _windows.Record(_now + 40, _now, latency, ok ? Outcome.Ok : Outcome.Error, CheckKind.Scheduled, ok);
    }

    /// <summary>Everything that a status shows; returned so that it is not optimised away.</summary>
    public double Summarize()
    {
        var summary = _windows.Summarize(_now + 40);
        return (summary.AverageLatencyMs + summary.P50LatencyMs + summary.P95LatencyMs + summary.P99LatencyMs + summary.Apdex
            + summary.ErrorRatePercent + summary.RequestsPerMinute + _windows.UptimePercent(_now + 40)) ?? double.NaN;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
