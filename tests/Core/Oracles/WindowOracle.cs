using System.Numerics;
using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Tests.Oracles;

/// <summary>The numbers of a window, exact: fractions in decimals, not in floating point.</summary>
internal sealed record OracleSummary(
    int Good,
    int Bad,
    int LatencySamples,
    decimal? AverageMs,
    decimal? P50Ms,
    decimal? P95Ms,
    decimal? P99Ms,
    decimal? Apdex,
    decimal? ErrorRatePercent,
    decimal? PerSecond,
    decimal? PerMinute);

/// <summary>The design's section 4 read aloud: look at every check there ever was, sort everything, count everything.</summary>
internal static class WindowOracle
{
    /// <summary>"Their start is rounded down to 1 min (windows up to 6 h), 5 min (up to 3 d) or 1 h (longer)", on a calendar.</summary>
    public static DateTimeOffset Start(DateTimeOffset now, TimeSpan window)
    {
        var start = now - window;
        var hour = new DateTimeOffset(start.Year, start.Month, start.Day, start.Hour, 0, 0, TimeSpan.Zero);
        if (window > TimeSpan.FromDays(3))
            return hour;
        return window > TimeSpan.FromHours(6) ? hour.AddMinutes(start.Minute / 5 * 5) : hour.AddMinutes(start.Minute);
    }

    public static OracleSummary Summarize(IReadOnlyCollection<PastCheck> everything, long now, TimeSpan window, TimeSpan apdexThreshold)
    {
        var end = DateTimeOffset.FromUnixTimeMilliseconds(now);
        var start = Start(end, window);
        var counted = everything.Where(c => c.Kind != CheckKind.Manual).ToList();
        var inside = counted.Where(c => IsWithin(c, start, end)).ToList();
        var latencies = inside.Where(c => c.CountsInLatency).Select(c => c.LatencyMicros).Order().ToList();
        var sum = latencies.Aggregate(BigInteger.Zero, (total, latency) => total + latency);

        var good = inside.Count(c => c.Outcome == Outcome.Ok);
        var threshold = apdexThreshold.Ticks / 10;
        var satisfied = inside.Count(c => c.Outcome == Outcome.Ok && c.LatencyMicros <= threshold);
        var tolerating = inside.Count(c => c.Outcome == Outcome.Ok && c.LatencyMicros > threshold && c.LatencyMicros <= 4 * threshold);

        decimal? perSecond = null;
        if (inside.Count > 0)
        {
            var first = DateTimeOffset.FromUnixTimeMilliseconds(counted.Min(c => c.Due));
            var over = end - (first > start ? first : start);
            if (over > TimeSpan.Zero)
                perSecond = inside.Count * 10_000_000m / over.Ticks;
        }
        return new OracleSummary(
            good,
            inside.Count - good,
            latencies.Count,
            latencies.Count == 0 ? null : (decimal)sum / latencies.Count / 1000m,
            NearestRank(latencies, 0.50m),
            NearestRank(latencies, 0.95m),
            NearestRank(latencies, 0.99m),
            inside.Count == 0 ? null : (satisfied + tolerating / 2m) / inside.Count,
            inside.Count == 0 ? null : 100m * (inside.Count - good) / inside.Count,
            perSecond,
            perSecond * 60m);
    }

    /// <summary>Good / (good + bad) over 24 h, percent; null without data.</summary>
    public static decimal? UptimePercent(IReadOnlyCollection<PastCheck> everything, long now)
    {
        var (good, bad) = Count(everything, now, TimeSpan.FromHours(24));
        return good + bad == 0 ? null : 100m * good / (good + bad);
    }

    public static (int Good, int Bad) Count(IReadOnlyCollection<PastCheck> everything, long now, TimeSpan window)
    {
        var end = DateTimeOffset.FromUnixTimeMilliseconds(now);
        var start = Start(end, window);
        var inside = everything.Where(c => c.Kind != CheckKind.Manual && IsWithin(c, start, end)).ToList();
        return (inside.Count(c => c.Outcome == Outcome.Ok), inside.Count(c => c.Outcome != Outcome.Ok));
    }

    /// <summary>x[ceil(pN)] of the sorted values, counted from one.</summary>
    public static decimal? NearestRank(List<long> sortedMicros, decimal p) =>
        sortedMicros.Count == 0 ? null : sortedMicros[(int)Math.Ceiling(p * sortedMicros.Count) - 1] / 1000m;

    // "Windows end now": what is due later is not in them yet.
    private static bool IsWithin(PastCheck check, DateTimeOffset start, DateTimeOffset end)
    {
        var due = DateTimeOffset.FromUnixTimeMilliseconds(check.Due);
        return due >= start && due <= end;
    }
}
