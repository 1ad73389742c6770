using CsCheck;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Contracts.Tests;

public class DurationsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("300ms", 300)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1d12h", 129_600_000)]
    [InlineData("1h1h", 7_200_000)]
    [InlineData("2000us", 2)]
    [InlineData("2000\u00b5s", 2)]
    [InlineData("3000000ns", 3)]
    public void TryParse_GoDurationOrDays_IsRead(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" 1s")]
    [InlineData("1s ")]
    [InlineData("1s\n")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1")]
    [InlineData("00")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("1,5s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1w")]
    [InlineData("1e3s")]
    [InlineData("\u0661s")]
    [InlineData("10675200d")]
    [InlineData("99999999999999999999999999999999s")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(500, "500ms")]
    [InlineData(90_000, "1m30s")]
    [InlineData(3_600_000, "1h")]
    [InlineData(129_600_000, "36h")]
    [InlineData(604_800_000, "7d")]
    public void Format_Duration_IsShort(long milliseconds, string text) => Assert.Equal(text, Durations.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Format_Negative_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => Durations.Format(TimeSpan.FromTicks(-1)));

    [Fact]
    public void Format_AnyDuration_ReadsBackAsTheSame() =>
        Gen.Long[0, long.MaxValue].Select(TimeSpan.FromTicks).Sample(d => Durations.TryParse(Durations.Format(d), out var back) && back == d);

    [Fact]
    public void TryParse_AnyText_NeverThrows() =>
        Gen.String[Gen.Char["0123456789.dhmsun\u00b5 -+eE"], 0, 40].Sample(text => { _ = Durations.TryParse(text, out _); });
}
