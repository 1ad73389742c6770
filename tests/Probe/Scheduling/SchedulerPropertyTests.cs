using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Probe.Scheduling;
using static HealthTrack.Probe.Tests.Scheduling.SchedulerHarness;

namespace HealthTrack.Probe.Tests.Scheduling;

public sealed class SchedulerPropertyTests
{
    [Fact]
    public async Task Tick_AnyForwardSteps_EachDueTimeRanOrWasMissed()
    {
        var steps = Gen.OneOf(Gen.Int[1, 50], Gen.Int[50, 3000], Gen.Int[3000, 200_000]).Array[1, 60];
        await Gen.Select(steps, Gen.Int[1, 20], Gen.Int[1, 5]).SampleAsync(async (steps, seconds, monitors) =>
        {
            using var harness = new SchedulerHarness();
            var assignments = Enumerable.Range(0, monitors).Select(i => Assignment($"m{i}", seconds)).ToArray();
            var from = harness.Now;
            harness.Upsert(assignments);
            foreach (var step in steps)
            {
                harness.Time.Advance(TimeSpan.FromMilliseconds(step));
                await harness.TickAsync();
            }
            var due = assignments.Sum(a => DueTimes.CountBetween(Phase(a), seconds * 1000L, from, harness.Now));
            Assert.Equal(due, harness.Results.Count + harness.Scheduler.Missed);
            Assert.Equal(harness.Results.Count, harness.Results.Select(r => r.Id).Distinct().Count());
            Assert.All(harness.Results, r => Assert.True(r.DueTime <= r.StartedAt && r.StartedAt - r.DueTime < seconds * 1000L));
        }, iter: 200);
    }

    [Fact]
    public void LagHistogram_AnyLateness_BinIsAtMostAQuarterTooWide() => Gen.Long[0, long.MaxValue / 2].Sample(micros =>
    {
        var edge = LagHistogram.UpperEdge(LagHistogram.Bin(micros));
        return edge >= micros * (1 - 1e-12) && edge <= Math.Max(micros * 1.25, micros + 1);
    });

    [Fact]
    public void TakeP99_ManyLatenesses_IsTheNearestRankRoundedUp()
    {
        var histogram = new LagHistogram();
        for (var i = 1; i <= 1000; i++)
            histogram.Record(i * 100);
        // The 990th of 1000 is 99 ms.
        Assert.InRange(histogram.TakeP99(), 99, 99 * 1.25);
        Assert.Equal(0, histogram.TakeP99());
    }
}
