using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class HistoryFoldTests
{
    private static readonly Gen<PastCheck> Check =
        from due in Gen.Long[900_000, 2_100_000]
        from latency in Gen.Long[0, 9_000_000]
        from outcome in Gen.Int[0, 3]
        from kind in Gen.Int[0, 2]
        from counts in Gen.Bool
        select new PastCheck(due, latency, (Outcome)outcome, (CheckKind)kind, counts);

    [Fact]
    public void Buckets_AnyChecks_AreWhatASlowOracleSays() =>
        Gen.Select(Check.List[0, 200], Gen.Long[1, 20].Select(n => n * 10_000)).Sample(
            (checks, step) =>
            {
                var from = 1_000_000 - 1_000_000 % step;
                checks.Sort((a, b) => a.Due.CompareTo(b.Due));
                var fold = new HistoryFold(from, 2_000_000, step, null, 0, long.MaxValue);
                foreach (var check in checks)
                    fold.Add(check.Due, check.LatencyMicros, check.Outcome, check.Kind, check.CountsInLatency, "default");
                var buckets = fold.Buckets();
                Assert.Equal((2_000_000 - from + step - 1) / step, buckets.Count);
                foreach (var bucket in buckets)
                    Assert.Equal(Oracle([.. checks.Where(c => c.Kind != CheckKind.Manual && c.Due >= bucket.Start && c.Due < bucket.Start + step)], bucket.Start), bucket);
            },
            iter: 2_000);

    [Fact]
    public void Unknown_AHoleInTheGrid_CountsWhatWasDueAndIsNotThere()
    {
        var monitor = MonitorOf(["default"], 1);
        var phase = DueTimes.Phase(monitor.Uid, "default", 10_000);
        // First due in the first minute, nothing made in the second, and the end of the third still under way.
        var fold = new HistoryFold(0, 240_000, 60_000, monitor, phase + 20_000, 160_000);
        for (var due = phase + 20_000; due < 60_000; due += 10_000)
            fold.Add(due, 1, Outcome.Ok, CheckKind.Scheduled, true, "default");
        Assert.Equal([0, 6, 4, 0], fold.Buckets().Select(b => b.Unknown));
    }

    [Fact]
    public void Uptime_SeveralLocations_CountsRoundsAndNotResults()
    {
        var monitor = MonitorOf(["eu", "us", "asia"], 2);
        var fold = new HistoryFold(0, 20_000, 20_000, monitor, 0, 0);
        // One location of three fails: the round is well. Then two do.
        foreach (var (slot, failing) in new[] { (0, 1), (1, 2) })
        {
            foreach (var (due, pool) in monitor.Spec.Pools.Select(p => (slot * 10_000 + DueTimes.Phase(monitor.Uid, p, 10_000), p)).Order())
                fold.Add(due, 1, monitor.Spec.Pools.ToList().IndexOf(pool) < failing ? Outcome.Down : Outcome.Ok, CheckKind.Scheduled, true, pool);
        }
        var bucket = Assert.Single(fold.Buckets());
        Assert.Equal((3, 3, 50.0), (bucket.Ok, bucket.Down, bucket.UptimePercent));
    }

    private static HistoryBucket Oracle(List<PastCheck> checks, long start)
    {
        var latencies = checks.Where(c => c.CountsInLatency).Select(c => c.LatencyMicros / 1000.0).Order().ToList();
        int Of(Outcome outcome) => checks.Count(c => c.Outcome == outcome);
        double? Rank(decimal share) => latencies.Count == 0 ? null : latencies[(int)Math.Ceiling(share * latencies.Count) - 1];
        return new HistoryBucket
        {
            Start = start,
            Ok = Of(Outcome.Ok),
            Warn = Of(Outcome.Warn),
            Error = Of(Outcome.Error),
            Down = Of(Outcome.Down),
            Unknown = 0,
            UptimePercent = checks.Count == 0 ? null : 100.0 * Of(Outcome.Ok) / checks.Count,
            LatencySamples = latencies.Count,
            AverageLatencyMs = latencies.Count == 0 ? null : (double)checks.Where(c => c.CountsInLatency).Sum(c => c.LatencyMicros) / latencies.Count / 1000,
            P50LatencyMs = Rank(0.5m),
            P95LatencyMs = Rank(0.95m),
            P99LatencyMs = Rank(0.99m),
        };
    }

    private static Monitor MonitorOf(string[] pools, int quorum) => new()
    {
        Uid = "a-uid",
        Key = new MonitorKey("default", "a"),
        Generation = 1,
        DisplayName = "a",
        Spec = new MonitorSpec
        {
            Interval = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(2),
            Window = TimeSpan.FromHours(1),
            Check = new HttpCheck { Url = new Uri("http://127.0.0.1/") },
            Pools = pools,
            Quorum = quorum,
        },
    };
}
