using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Results;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class HistoryReaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1, 1)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(7, 2, 2, 2, 1)]
    [InlineData(120, 30, 30, 30, 30)]
    [InlineData(220, 50, 50, 50, 50, 20)]
    public void Parts_Ordinary_AreSharedAmongTheReadersAndNotTooMany(int monitors, params int[] parts) =>
        Assert.Equal(parts, HistoryReader.Parts(Many(monitors, TimeSpan.FromSeconds(10), 1)).Select(p => p.Count));

    // A day at 1 s from two locations: 172 800 samples and those of the window.
    [Fact]
    public void Parts_HistoryIsLong_IsReadAlone() =>
        Assert.All(HistoryReader.Parts(Many(100, TimeSpan.FromSeconds(1), 2)), part => Assert.Single(part));

    // A day and the window of an hour at 30 s from two locations: 6000 samples and a tail.
    [Fact]
    public void Parts_ManyLocations_TogetherAreNoMoreThanOneAnswerMayHold()
    {
        var monitors = Many(200, TimeSpan.FromSeconds(30), 2);
        var parts = HistoryReader.Parts(monitors).ToList();
        Assert.All(parts, part => Assert.InRange(part.Count, 1, 16));
        Assert.Equal(monitors.Select(m => m.Row.Id), parts.SelectMany(part => part).Select(m => m.Row.Id));
    }

    private static List<(StoredMonitor Row, Monitor Monitor)> Many(int count, TimeSpan interval, int pools) =>
    [
        .. Enumerable.Range(1, count).Select(i =>
        {
            var monitor = States.Monitor($"m{i}");
            monitor = monitor with { Spec = monitor.Spec with { Interval = interval, Pools = [.. Enumerable.Range(0, pools).Select(p => $"p{p}")] } };
            return (States.Row(i, monitor), monitor);
        }),
    ];
}
