using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Checks;

public sealed class DueTimesTests
{
    private static readonly Gen<long> Intervals = Gen.OneOf(
        Gen.Int[1, 3600].Select(s => s * 1000L), Gen.Long[1000, 24 * 60 * 60_000L], Gen.Int[1, 50].Select(ms => (long)ms));

    private static readonly Gen<long> Instants = Gen.OneOf(Gen.Long[0, 100_000], Gen.Long[1_700_000_000_000, 1_900_000_000_000]);

    [Fact]
    public void Next_AfterAnyInstant_IsTheFirstOfTheGridAfterIt() =>
        Gen.Select(Gen.Guid, Intervals, Instants).Sample(
            (uid, interval, after) =>
            {
                var phase = DueTimes.Phase(uid.ToString(), "default", interval);
                Assert.InRange(phase, 0, interval - 1);
                var next = DueTimes.Next(phase, interval, after);
                Assert.Equal(phase, next % interval);
                Assert.True(next > after, $"{next} is not after {after}.");
                Assert.True(next - interval <= after, $"{next - interval} is on the grid and also after {after}.");
                Assert.Equal(next + interval, DueTimes.Next(phase, interval, next));
            },
            iter: 20_000);

    [Fact]
    public void CountBetween_TwoInstants_IsTheNumberOfInstantsOnTheGrid() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 39], Gen.OneOf(Gen.Long[0, 200], Gen.Long[1_700_000_000_000, 1_700_000_000_200]), Gen.Int[-50, 300]).Sample(
            (interval, phase, after, length) =>
            {
                phase %= interval;
                var counted = 0;
                for (var t = after + 1; t <= after + length; t++)
                    counted += t % interval == phase ? 1 : 0;
                Assert.Equal(counted, DueTimes.CountBetween(phase, interval, after, after + length));
            },
            iter: 20_000);

    [Theory]
    [InlineData(1_000, 650)]
    [InlineData(10_000, 650)]
    [InlineData(30_000, 20_650)]
    [InlineData(86_400_000, 83_150_650)]
    public void Phase_OfAKnownMonitor_NeverChanges(long interval, long phase) =>
        Assert.Equal(phase, DueTimes.Phase("0b6e6a4e-9d0c-4a53-8f6e-2b1d3c4e5f60", "default", interval));

    [Theory]
    [InlineData("default", 10_000)]
    [InlineData("eu-west", 10_000)]
    [InlineData("default", 60_000)]
    public void Phase_OfTenThousandMonitors_IsSpreadOverTheInterval(string location, long interval)
    {
        const int Monitors = 10_000;
        const int Bins = 10;
        var bins = new int[Bins];
        for (var i = 0; i < Monitors; i++)
        {
            var uid = MonitorUid.For(new MonitorKey("default", $"service-{i}"));
            bins[DueTimes.Phase(uid, location, interval) * Bins / interval]++;
        }
        Assert.InRange(bins.Max() / (Monitors / (double)Bins), 1, 1.15);
        Assert.InRange(bins.Min() / (Monitors / (double)Bins), 0.85, 1);
    }
}
