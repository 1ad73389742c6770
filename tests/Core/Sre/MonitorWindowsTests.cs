using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class MonitorWindowsTests
{
    private const long Noon = 1_767_614_400_000; // 2026-01-05T12:00:00Z
    private static readonly Gen<long> Begins = Gen.Long[1_700_000_000_000, 1_900_000_000_000];
    private static readonly Gen<TimeSpan> Thresholds = Gen.OneOf(Gen.Long[0, 10], Gen.Long[0, 2_000_000]).Select(us => TimeSpan.FromMicroseconds(us));
    private static readonly Gen<TimeSpan> Intervals = Gen.Int[0, 6].Select(n => TimeSpan.FromSeconds(new[] { 1, 5, 10, 30, 60, 3600, 86_400 }[n]));

    private static readonly Gen<TimeSpan> Windows = Gen.OneOf(
        Gen.Int[0, 7].Select(n => TimeSpan.FromMinutes(new[] { 1, 60, 360, 361, 1440, 4320, 4321, 57_600 }[n])),
        Gen.Long[60_000, 40L * 24 * 60 * 60_000].Select(ms => TimeSpan.FromMilliseconds(ms)),
        Gen.Int[60, 7200].Select(s => TimeSpan.FromSeconds(s)));

    private static readonly Gen<(TimeSpan, TimeSpan, TimeSpan, long)> Lives = Gen.Select(Windows, Intervals, Thresholds, Begins);

    [Fact]
    public void Summarize_AfterEachHappening_IsWhatTheOracleCounts() =>
        Gen.Select(Lives, Happening.Any.Array[1, 40]).Sample(
            (life, happenings) =>
            {
                var history = new WindowHistory(life.Item1, life.Item2, life.Item3, life.Item4);
                foreach (var happening in happenings)
                {
                    history.Live(happening);
                    history.AssertSummary();
                }
            },
            iter: 12_000);

    [Fact]
    public void Summarize_AfterALongUnwatchedHistory_IsWhatTheOracleCounts() =>
        Gen.Select(Lives, Happening.Any.Array[200, 2_000]).Sample(
            (life, happenings) =>
            {
                var history = new WindowHistory(life.Item1, life.Item2, life.Item3, life.Item4);
                foreach (var happening in happenings)
                    history.Live(happening);
                history.AssertSummary();
            },
            iter: 150);

    [Fact]
    public void Summarize_OfAFullWindow_HasNearestRankPercentiles() =>
        Gen.Select(Gen.Int[1, 3600], Gen.Long[1, 10_000_000], Gen.Int).Sample(
            (count, spread, seed) =>
            {
                var random = new Random(seed);
                var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
                var checks = Enumerable.Range(0, count)
                    .Select(i => new PastCheck(Noon - i * 1000L, random.NextInt64(spread), Outcome.Ok, CheckKind.Scheduled, true)).ToList();
                foreach (var c in checks.OrderBy(_ => random.Next()))
                    windows.Record(Noon, c.Due, c.LatencyMicros, c.Outcome, c.Kind, c.CountsInLatency);
                var expected = WindowOracle.Summarize(checks, Noon, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
                var actual = windows.Summarize(Noon);
                Assert.Equal(count, actual.LatencySamples);
                Assert.Equal(((double?)expected.P50Ms, (double?)expected.P95Ms, (double?)expected.P99Ms), (actual.P50LatencyMs, actual.P95LatencyMs, actual.P99LatencyMs));
            },
            iter: 150);

    [Fact]
    public void Summarize_WithoutSamples_IsNullNeverZero()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        var summary = windows.Summarize(Noon);
        Assert.Equal(0, summary.Checks);
        Assert.Null(summary.AverageLatencyMs);
        Assert.Null(summary.P50LatencyMs);
        Assert.Null(summary.P95LatencyMs);
        Assert.Null(summary.P99LatencyMs);
        Assert.Null(summary.Apdex);
        Assert.Null(summary.ErrorRatePercent);
        Assert.Null(summary.ThroughputPerSecond);
        Assert.Null(summary.RequestsPerMinute);
        Assert.Null(windows.UptimePercent(Noon));
    }

    [Fact]
    public void Summarize_OnlyBadChecks_HasApdexZeroAndNoLatency()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        windows.Record(Noon - 1000, Noon - 1000, 10, Outcome.Down, CheckKind.Scheduled, countsInLatency: false);
        var summary = windows.Summarize(Noon);
        Assert.Equal((0d, 100d, 0d), (summary.Apdex, summary.ErrorRatePercent, windows.UptimePercent(Noon)));
        Assert.Null(summary.AverageLatencyMs);
    }

    [Fact]
    public void Summarize_DueAheadOfTheClock_CountsOnceItsTimeHasCome()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        windows.Record(Noon, Noon + 1500, 10, Outcome.Ok, CheckKind.Scheduled, countsInLatency: true);
        Assert.Equal(0, windows.Summarize(Noon + 1499).Checks);
        Assert.Null(windows.UptimePercent(Noon + 1499));
        Assert.Equal(1, windows.Summarize(Noon + 1500).Checks);
        Assert.Equal(100, windows.UptimePercent(Noon + 1500));
    }

    [Fact]
    public void Record_ManualCheck_CountsInNothing()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        windows.Record(Noon, Noon - 60_000, 10, Outcome.Down, CheckKind.Manual, countsInLatency: false);
        windows.Record(Noon, Noon - 30_000, 10, Outcome.Ok, CheckKind.Scheduled, countsInLatency: true);
        Assert.Equal(1, windows.Summarize(Noon).Checks);
        Assert.Equal(2, windows.Summarize(Noon).RequestsPerMinute);
        Assert.Equal(100, windows.UptimePercent(Noon));
    }

    [Fact]
    public void Record_AfterTheClockWasTwoDaysAheadAndIsSetRight_Counts()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        var wrong = Noon + 2 * 24 * 60 * 60_000L;
        windows.Record(wrong, wrong, 10, Outcome.Down, CheckKind.Scheduled, countsInLatency: false);
        windows.Record(Noon, Noon, 10, Outcome.Ok, CheckKind.Scheduled, countsInLatency: true);
        Assert.Equal((1, 0), (windows.Summarize(Noon).Good, windows.Summarize(Noon).Bad));
        Assert.Equal(100, windows.UptimePercent(Noon));
    }

    [Fact]
    public void BeginAt_EarlierThanTheFirstResult_StretchesTheRates()
    {
        var windows = new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        windows.BeginAt(Noon - 120_000);
        windows.BeginAt(Noon - 60_000);
        windows.Record(Noon, Noon, 10, Outcome.Ok, CheckKind.First, countsInLatency: true);
        Assert.Equal(0.5, windows.Summarize(Noon).RequestsPerMinute);
    }
}
