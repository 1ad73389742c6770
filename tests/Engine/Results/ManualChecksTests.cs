using HealthTrack.Core.Checks;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Tests.Results;

public sealed class ManualChecksTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    [Fact]
    public void Expect_AtAnInstantOfTheGrid_TakesTheNextFreeOne()
    {
        var manual = new ManualChecks();
        var onGrid = DueTimes.Next(DueTimes.Phase("uid", "default", 1000), 1000, 1_900_000_000_000);

        using var first = manual.Expect("uid", "default", onGrid, instant => DueTimes.IsDue("uid", "default", Interval, instant));
        using var second = manual.Expect("uid", "default", onGrid, instant => DueTimes.IsDue("uid", "default", Interval, instant));

        Assert.Equal([onGrid + 1, onGrid + 2], [first.Id.DueTime, second.Id.DueTime]);
    }
}
