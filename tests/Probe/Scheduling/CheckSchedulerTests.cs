using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Tests.Support;
using static HealthTrack.Probe.Tests.Scheduling.SchedulerHarness;

namespace HealthTrack.Probe.Tests.Scheduling;

public sealed class CheckSchedulerTests : IDisposable
{
    private readonly SchedulerHarness harness = new();

    public void Dispose() => harness.Dispose();

    [Fact]
    public async Task Tick_OverMinutes_EveryDueTimeRunsOnce()
    {
        var assignments = new[] { Assignment("a", 1), Assignment("b", 7), Assignment("c", 60) };
        harness.Upsert(assignments);
        var from = harness.Now;
        await harness.PassAsync(TimeSpan.FromMinutes(3));
        foreach (var a in assignments)
        {
            var interval = (long)a.Interval.TotalMilliseconds;
            var expected = new List<long>();
            for (var t = DueTimes.Next(Phase(a), interval, from); t <= harness.Now; t += interval)
                expected.Add(t);
            Assert.Equal(expected, harness.Of(a.Uid).Select(r => r.DueTime));
            Assert.All(harness.Of(a.Uid), r => Assert.Equal((CheckKind.Scheduled, "worker-1"), (r.Kind, r.Worker)));
            Assert.All(harness.Of(a.Uid), r => Assert.InRange(r.StartedAt - r.DueTime, 0, 100));
        }
        Assert.Equal(0, harness.Scheduler.Missed);
        Assert.InRange(harness.Scheduler.TakeLagP99(), 0.001, 130);
        Assert.Equal(0, harness.Scheduler.TakeLagP99());
    }

    [Fact]
    public async Task Tick_CheckStillRunning_NextIsMissedThenGoesOn()
    {
        var a = Assignment("slow");
        harness.Upsert(a);
        harness.Hold("slow");
        harness.Time.Advance(TimeSpan.FromMilliseconds(DueTimes.Next(Phase(a), 10_000, harness.Now) - harness.Now));
        await harness.TickAsync(running: 1);
        await harness.PassAsync(TimeSpan.FromSeconds(20), running: 1);
        Assert.Equal(2, harness.Scheduler.Missed);
        Assert.Empty(harness.Results);
        harness.Release("slow");
        await harness.SettleAsync();
        await harness.PassAsync(TimeSpan.FromSeconds(10));
        var due = harness.Results.Select(r => r.DueTime).ToArray();
        Assert.Equal(2, due.Length);
        Assert.Equal(30_000, due[1] - due[0]);
        Assert.Equal(2, harness.Scheduler.Missed);
    }

    [Fact]
    public async Task RunNow_WhileScheduledRuns_ManualAtOnceWithGivenDueTime()
    {
        var a = Assignment("a", soon: true);
        harness.Upsert(a);
        harness.Hold("a");
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        await harness.TickAsync(running: 1);
        Assert.True(harness.Scheduler.RunNow(new RunNow(a.Id, 12345)));
        await harness.SettleAsync(1);
        var manual = Assert.Single(harness.Results);
        Assert.Equal((CheckKind.Manual, 12345L), (manual.Kind, manual.DueTime));
        harness.Release("a");
        await harness.SettleAsync();
        Assert.Equal(2, harness.Results.Count);
        Assert.Equal(0, harness.Scheduler.Missed);
        Assert.False(harness.Scheduler.RunNow(new RunNow(new AssignmentId("nobody", "default"), 1)));
    }

    [Fact]
    public async Task Apply_NewGenerationWhileRunning_OldEndsUnderItsOwn()
    {
        harness.Upsert(Assignment("a", soon: true));
        harness.Hold("a");
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        await harness.TickAsync(running: 1);
        harness.Upsert(Assignment("a", generation: 2, soon: true));
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        // The old check does not hold up the first one of the new generation.
        await harness.TickAsync(running: 2);
        harness.Release("a");
        await harness.SettleAsync();
        Assert.Equal([1L, 2L], harness.Results.Select(r => r.Generation).Order());
        Assert.All(harness.Results, r => Assert.Equal(CheckKind.First, r.Kind));
        Assert.Equal(1, harness.Scheduler.Assigned);
    }

    [Fact]
    public async Task Apply_SameGenerationAgain_NothingRestarts()
    {
        var a = Assignment("a", soon: true);
        harness.Upsert(a);
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        var before = harness.Results.Count(r => r.Kind == CheckKind.First);
        harness.Scheduler.Apply(new AssignmentsChanged(5, true, [a with { }], []));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((1, 1), (before, harness.Results.Count(r => r.Kind == CheckKind.First)));
        Assert.Equal(harness.Results.Count, harness.Results.Select(r => r.DueTime).Distinct().Count());
        Assert.Equal(0, harness.Scheduler.Missed);
    }

    [Fact]
    public async Task Apply_OtherInterval_MovesToTheNewGrid()
    {
        harness.Upsert(Assignment("a", 3600));
        harness.Upsert(Assignment("a", 5));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(6, harness.Results.Count);
        Assert.All(harness.Results, r => Assert.Equal(Phase(Assignment("a", 5)), r.DueTime % 5000));
    }

    [Fact]
    public async Task Apply_RemovedOrNotInFull_NoMoreChecks()
    {
        harness.Upsert(Assignment("a"), Assignment("b"), Assignment("c"));
        harness.Scheduler.Apply(new AssignmentsChanged(2, false, [], [Assignment("a").Id, new AssignmentId("nobody", "x")]));
        harness.Scheduler.Apply(new AssignmentsChanged(3, true, [Assignment("c")], []));
        await harness.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(["c"], harness.Results.Select(r => r.Uid).Distinct());
        Assert.Equal(1, harness.Scheduler.Assigned);
    }

    [Fact]
    public async Task Tick_AfterLongPause_OnlyLatestRunsAndRestIsMissed()
    {
        var a = Assignment("a");
        harness.Upsert(a);
        await harness.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(2, harness.Results.Count);
        harness.Time.Advance(TimeSpan.FromSeconds(600));
        await harness.TickAsync();
        Assert.Equal(3, harness.Results.Count);
        Assert.Equal(59, harness.Scheduler.Missed);
        var last = harness.Results.Last();
        Assert.Equal((Phase(a), true), (last.DueTime % 10_000, harness.Now - last.DueTime < 10_000));
        await harness.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(4, harness.Results.Count);
    }

    [Fact]
    public async Task Tick_ThousandsDueAfterPause_StartsAreSpread()
    {
        harness.Upsert([.. Enumerable.Range(0, 4000).Select(i => Assignment($"m{i}", 3600))]);
        harness.Time.Advance(TimeSpan.FromHours(3));
        await harness.TickAsync();
        Assert.InRange(harness.Results.Count, 1, 64 + 4000 / 64);
        for (var i = 0; i < 100; i++)
            await harness.TickAsync();
        Assert.Equal(4000, harness.Results.Select(r => r.Uid).Distinct().Count());
        Assert.Equal(4000, harness.Results.Count);
        Assert.Equal(8000, harness.Scheduler.Missed);
    }

    [Fact]
    public async Task Tick_ClockSetBackALittle_NoDueTimeRunsTwice()
    {
        harness.Upsert(Assignment("a"));
        await harness.PassAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(6, harness.Results.Count);
        harness.Time.AdjustTime(harness.Time.GetUtcNow() - TimeSpan.FromSeconds(30));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(6, harness.Results.Count);
        await harness.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(8, harness.Results.Select(r => r.DueTime).Distinct().Count());
        Assert.Equal((8, 0L), (harness.Results.Count, harness.Scheduler.Missed));
    }

    [Fact]
    public async Task Tick_ClockSetBackFar_ChecksGoOnWithinAnInterval()
    {
        harness.Upsert(Assignment("a"), Assignment("new", soon: true));
        harness.Time.AdjustTime(harness.Time.GetUtcNow() + TimeSpan.FromHours(5));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        var before = harness.Results.Count;
        harness.Time.AdjustTime(harness.Time.GetUtcNow() - TimeSpan.FromHours(5));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, harness.Of("a").Skip(harness.Of("a").Count() - 3).Count(r => r.DueTime <= harness.Now));
        Assert.True(harness.Results.Count >= before + 6);
    }

    [Fact]
    public async Task Tick_TooManyRunning_DueIsMissed()
    {
        using var small = new SchedulerHarness(maxInFlight: 2);
        foreach (var uid in new[] { "a", "b", "c" })
        {
            small.Hold(uid);
            small.Upsert(Assignment(uid));
        }
        small.Time.Advance(TimeSpan.FromSeconds(10));
        await small.TickAsync(running: 2);
        Assert.Equal(1, small.Scheduler.Missed);
        Assert.False(small.Scheduler.RunNow(new RunNow(Assignment("a").Id, 1)));
        foreach (var uid in new[] { "a", "b", "c" })
            small.Release(uid);
        await small.SettleAsync();
        await small.PassAsync(TimeSpan.FromSeconds(10), stepMs: 10);
        Assert.Equal(3, small.Results.Select(r => r.Uid).Distinct().Count());
    }

    [Fact]
    public async Task Tick_OneCheckerThrows_OthersGoOn()
    {
        harness.Throws = a => a.Uid == "poison" ? new InvalidOperationException("bug") : null;
        harness.Upsert(Assignment("poison"), Assignment("good"));
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, harness.Results.Count);
        Assert.All(harness.Results, r => Assert.Equal("good", r.Uid));
        Assert.Equal(3, harness.Scheduler.Missed);
    }

    [Fact]
    public async Task Drain_ChecksRunning_WaitsThenStartsNoMore()
    {
        harness.Upsert(Assignment("a", soon: true));
        harness.Hold("a");
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        await harness.TickAsync(running: 1);
        var drain = harness.Scheduler.DrainAsync(TimeSpan.FromSeconds(10));
        Assert.False(drain.IsCompleted);
        harness.Release("a");
        Assert.Equal(0, await drain);
        Assert.Single(harness.Results);
        await harness.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Single(harness.Results);
        Assert.False(harness.Scheduler.RunNow(new RunNow(Assignment("a").Id, 1)));
    }

    [Fact]
    public async Task Drain_CheckThatDoesNotEnd_GivenUpWithoutResult()
    {
        harness.Upsert(Assignment("a", soon: true));
        harness.Hold("a");
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        await harness.TickAsync(running: 1);
        var drain = harness.Scheduler.DrainAsync(TimeSpan.FromSeconds(5));
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, await drain.WaitAsync(Checks.Patience, TestContext.Current.CancellationToken));
        Assert.Empty(harness.Results);
        Assert.Equal(0, harness.Scheduler.Missed);
    }
}
