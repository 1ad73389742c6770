using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Tests.Support;
using static HealthTrack.Probe.Tests.Scheduling.SchedulerHarness;

namespace HealthTrack.Probe.Tests.Scheduling;

/// <summary>When the scheduler lets an assignment go.</summary>
public sealed class SchedulerReleaseTests : IDisposable
{
    private readonly SchedulerHarness harness = new();

    public void Dispose() => harness.Dispose();

    [Fact]
    public void Apply_ReplacedOrRemovedWhileIdle_IsReleasedAtOnce()
    {
        var (first, renewed, second) = (Assignment("a"), Assignment("a"), Assignment("a", generation: 2));
        harness.Upsert(first);
        harness.Upsert(first);
        Assert.Empty(harness.Released);
        harness.Upsert(renewed);
        Assert.Same(first, Assert.Single(harness.Released));
        harness.Upsert(second);
        harness.Scheduler.Apply(new AssignmentsChanged(2, true, [], []));
        Assert.Equal([first, renewed, second], harness.Released, ReferenceEquals);
    }

    [Fact]
    public async Task Apply_ReplacedWhileChecked_IsReleasedWhenItsLastCheckHasEnded()
    {
        var (old, replacement) = (Assignment("a"), Assignment("a", generation: 2));
        harness.Upsert(old);
        harness.Hold("a");
        harness.Time.Advance(TimeSpan.FromMilliseconds(DueTimes.Next(Phase(old), 10_000, harness.Now) - harness.Now));
        await harness.TickAsync(running: 1);
        harness.Upsert(replacement);
        Assert.True(harness.Scheduler.RunNow(new RunNow(replacement.Id, 1)));
        await harness.SettleAsync(running: 1);
        Assert.Empty(harness.Released);
        harness.Release("a");
        await harness.SettleAsync();
        await Checks.UntilAsync(() => !harness.Released.IsEmpty, "the old assignment's release");
        Assert.Same(old, Assert.Single(harness.Released));
    }
}
