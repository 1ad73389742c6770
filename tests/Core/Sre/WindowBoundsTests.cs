using CsCheck;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class WindowBoundsTests
{
    [Theory]
    [InlineData("00:01:00", "00:01:00")]
    [InlineData("06:00:00", "00:01:00")]
    [InlineData("06:00:00.001", "00:05:00")]
    [InlineData("3.00:00:00", "00:05:00")]
    [InlineData("3.00:00:00.001", "01:00:00")]
    [InlineData("30.00:00:00", "01:00:00")]
    public void Granularity_OfAWindow_IsTheDesigns(string window, string granularity) =>
        Assert.Equal(
            TimeSpan.Parse(granularity, null).TotalMilliseconds,
            WindowBounds.Granularity((long)TimeSpan.Parse(window, null).TotalMilliseconds));

    [Fact]
    public void Start_OfAnyWindow_IsTheCalendars() =>
        Gen.Select(Gen.Long[0, 4_000_000_000_000], Gen.OneOf(Gen.Long[60_000, 40L * 24 * 60 * 60_000], Gen.Int[1, 60_000].Select(m => m * 60_000L))).Sample(
            (now, length) => Assert.Equal(
                WindowOracle.Start(DateTimeOffset.FromUnixTimeMilliseconds(now), TimeSpan.FromMilliseconds(length)).ToUnixTimeMilliseconds(),
                WindowBounds.Start(now, length)),
            iter: 20_000);
}
