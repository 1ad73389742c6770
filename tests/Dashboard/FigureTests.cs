using HealthTrack.Dashboard.Ui.Fleets;

namespace HealthTrack.Dashboard.Tests;

public sealed class FigureTests
{
    [Theory]
    [InlineData(0.04, "0.0", "ms")]
    [InlineData(4.25, "4.3", "ms")]
    [InlineData(182.4, "182", "ms")]
    [InlineData(3420.0, "3,420", "ms")]
    [InlineData(61_000.0, "61", "s")]
    public void Latency_AnyValue_KeepsWhatMatters(double ms, string value, string unit) => Assert.Equal(new Figure(value, unit), Figure.Latency(ms));

    [Theory]
    [InlineData(100.0, "100")]
    [InlineData(99.999, "99.99")]
    [InlineData(99.95, "99.95")]
    [InlineData(0.29, "0.29")]
    [InlineData(0.0, "0")]
    public void Uptime_BelowAlways_NeverReadsAsAlways(double percent, string expected) => Assert.Equal(expected, Figure.Uptime(percent).Value);

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.0004, "0.01")]
    [InlineData(1.2, "1.2")]
    [InlineData(38.301, "38.31")]
    public void ErrorRate_AboveNone_NeverReadsAsNone(double percent, string expected) => Assert.Equal(expected, Figure.ErrorRate(percent).Value);

    [Theory]
    [InlineData(0.999, "0.99")]
    [InlineData(1.0, "1.00")]
    public void Apdex_BelowOne_NeverReadsAsOne(double score, string expected) => Assert.Equal(expected, Figure.Apdex(score).Value);

    [Theory]
    [InlineData(0.0333, "0.033")]
    [InlineData(0.1, "0.10")]
    [InlineData(2.0, "2.0")]
    [InlineData(1200.0, "1,200")]
    public void Rate_AnyValue_HasItsDigits(double rate, string expected) => Assert.Equal(new Figure(expected, "/s"), Figure.Rate(rate, "/s"));

    [Fact]
    public void AllMetrics_WithoutSamples_AreADash()
    {
        Assert.Equal(Figure.None, Figure.Latency(null));
        Assert.Equal(Figure.None, Figure.Apdex(null));
        Assert.Equal(Figure.None, Figure.ErrorRate(null));
        Assert.Equal(Figure.None, Figure.Uptime(null));
        Assert.Equal(Figure.None, Figure.Rate(null, "/s"));
    }

    [Theory]
    [InlineData(-5, "now")]
    [InlineData(1, "now")]
    [InlineData(12, "12 s ago")]
    [InlineData(185, "3 min ago")]
    [InlineData(7300, "2 h ago")]
    [InlineData(47 * 3600, "47 h ago")]
    [InlineData(49 * 3600, "2 d ago")]
    public void Ago_AnyAge_IsTheLargestWholeUnit(int seconds, string expected) => Assert.Equal(expected, Figure.Ago(Rows.Noon, Rows.Noon.AddSeconds(seconds)));

    [Fact]
    public void Utc_OtherOffset_IsConverted() =>
        Assert.Equal("2026-05-04 10:00:00 UTC", Figure.Utc(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.FromHours(2))));
}
