using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class CountWindowTests
{
    private const long Noon = 1_767_614_400_000; // 2026-01-05T12:00:00Z

    private static readonly Gen<TimeSpan> Windows = Gen.OneOf(
        Gen.Int[0, 6].Select(n => TimeSpan.FromMinutes(new[] { 1, 5, 60, 360, 1440, 4320, 10_080 }[n])),
        Gen.Long[60_000, 30L * 24 * 60 * 60_000].Select(ms => TimeSpan.FromMilliseconds(ms)));

    [Fact]
    public void Count_OfAnyWindow_IsWhatTheOracleCounts() =>
        Gen.Select(Windows, Gen.Long[1_700_000_000_000, 1_900_000_000_000], Gen.Select(Gen.Double[0, 1], Gen.Double[-1.2, 0.01], Gen.Bool).Array[1, 60]).Sample(
            (window, begin, happenings) =>
            {
                var now = begin;
                var counts = new CountWindow(window);
                var all = new List<PastCheck>();
                foreach (var (step, age, good) in happenings)
                {
                    now += (long)(window.TotalMilliseconds * step * step * step);
                    var due = now + (long)Math.Min(60_000, window.TotalMilliseconds * age);
                    all.Add(new PastCheck(due, 0, good ? Outcome.Ok : Outcome.Down, CheckKind.Scheduled, good));
                    counts.Add(now, due, good ? 1 : 0, good ? 0 : 1);
                    Assert.Equal(WindowOracle.Count(all, now, window), counts.Count(now));
                }
                now += (long)window.TotalMilliseconds;
                Assert.Equal(WindowOracle.Count(all, now, window), counts.Count(now));
            },
            iter: 6_000);

    [Theory]
    [InlineData(255, 1)]
    [InlineData(256, 0)]
    [InlineData(3, 256)]
    [InlineData(65_535, 65_535)]
    public void Count_OfManyInOneBin_LosesNone(int good, int bad)
    {
        var window = new CountWindow(TimeSpan.FromHours(24));
        window.Add(Noon, Noon - 10 * 60_000L, 2, 1);
        window.Add(Noon, Noon - 1, good / 2, bad / 2);
        window.Add(Noon, Noon - 1, good - good / 2, bad - bad / 2);
        Assert.Equal((good + 2, bad + 1), window.Count(Noon));
        Assert.Equal((good, bad), window.Count(Noon + 24 * 60 * 60_000L - 5 * 60_000));
        Assert.Equal((0, 0), window.Count(Noon + 24 * 60 * 60_000L + 5 * 60_000));
    }

    [Fact]
    public void Add_BeforeTheWindowBegan_IsRefused()
    {
        var window = new CountWindow(TimeSpan.FromHours(24));
        var start = Noon - 24 * 60 * 60_000L;
        Assert.False(window.Add(Noon, start - 1, 1, 0));
        Assert.True(window.Add(Noon, start, 1, 0));
        Assert.Equal((1, 0), window.Count(Noon));
        Assert.Equal((1, 0), window.Count(Noon + 5 * 60_000 - 1));
        Assert.Equal((0, 0), window.Count(Noon + 5 * 60_000));
    }
}
