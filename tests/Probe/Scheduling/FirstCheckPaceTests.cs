using HealthTrack.Core.Checks;
using static HealthTrack.Probe.Tests.Scheduling.SchedulerHarness;

namespace HealthTrack.Probe.Tests.Scheduling;

/// <summary>When new monitors are checked for the first time.</summary>
public sealed class FirstCheckPaceTests : IDisposable
{
    private readonly SchedulerHarness harness = new();

    public void Dispose() => harness.Dispose();

    [Fact]
    public async Task CheckSoon_OneNewMonitor_IsCheckedAtOnce()
    {
        harness.Upsert(Assignment("m", 3600, soon: true));
        var from = harness.Now;
        await harness.PassAsync(TimeSpan.FromMilliseconds(100));
        var first = Assert.Single(harness.Results);
        Assert.Equal(CheckKind.First, first.Kind);
        Assert.InRange(first.DueTime, from, from + 100);
    }

    [Theory]
    [InlineData(200, 3600, 1_000)]
    [InlineData(200, 3, 1_000)]
    [InlineData(3000, 3, 3_000)]
    [InlineData(5000, 3600, 10_000)]
    public async Task CheckSoon_NewMonitors_OneFirstEachAndNotAllAtOnce(int monitors, int seconds, int span)
    {
        var assignments = Enumerable.Range(0, monitors).Select(i => Assignment($"m{i}", seconds, soon: true)).ToArray();
        harness.Upsert(assignments);
        var from = harness.Now;
        await harness.PassAsync(TimeSpan.FromMilliseconds(span + 100));
        var first = harness.Results.Where(r => r.Kind == CheckKind.First).ToArray();
        Assert.Equal(monitors, first.Select(r => r.Uid).Distinct().Count());
        Assert.Equal(monitors, first.Length);
        Assert.All(first, r => Assert.Equal(r.StartedAt, r.DueTime));
        Assert.All(first, r => Assert.InRange(r.DueTime, from, from + span + 100));
        // No quarter of the time holds half of them.
        Assert.All(first.GroupBy(r => (r.DueTime - from) * 4 / (span + 101)), quarter => Assert.InRange(quarter.Count(), monitors / 20, monitors / 2));
        await harness.PassAsync(TimeSpan.FromSeconds(seconds), stepMs: seconds * 10);
        foreach (var a in assignments)
        {
            var later = harness.Of(a.Uid).Where(r => r.Kind == CheckKind.Scheduled).Select(r => r.DueTime).ToArray();
            Assert.NotEmpty(later);
            Assert.All(later, due => Assert.Equal(Phase(a), due % (seconds * 1000L)));
            Assert.True(later[0] > harness.Of(a.Uid).First().DueTime);
        }
    }

    [Fact]
    public async Task Tick_ClockSetBackFar_NewMonitorsAreStillCheckedAtOnce()
    {
        harness.Upsert([.. Enumerable.Range(0, 1500).Select(i => Assignment($"m{i}", 3600, soon: true))]);
        await harness.TickAsync();
        harness.Time.AdjustTime(harness.Time.GetUtcNow() - TimeSpan.FromHours(5));
        await harness.PassAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(1500, harness.Results.Select(r => r.Uid).Distinct().Count());

        harness.Upsert(Assignment("new", 3600, soon: true));
        await harness.PassAsync(TimeSpan.FromMilliseconds(100));

        Assert.Single(harness.Of("new"));
    }
}
