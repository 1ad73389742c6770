using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Ui.Services;

namespace HealthTrack.Dashboard.Tests;

public sealed class ChartTests
{
    [Theory]
    [InlineData(0.4, 1)]
    [InlineData(4.2, 5)]
    [InlineData(37, 40)]
    [InlineData(390, 400)]
    [InlineData(401, 500)]
    [InlineData(3420, 4000)]
    [InlineData(61_000, 80_000)]
    public void Top_AnyHighest_IsARoundNumberAboveIt(double highest, double top)
    {
        var chart = new LatencyChart([Bucket(highest)]);
        Assert.Equal(top, chart.Top);
        Assert.InRange(chart.Grid.Count(), 2, 6);
        Assert.Equal((0.0, 200.0), chart.Grid.First());
        Assert.Equal((top, 0.0), chart.Grid.Last());
    }

    [Fact]
    public void Line_WithAHole_BreaksThere()
    {
        var chart = new LatencyChart([Bucket(100), Bucket(50), Bucket(null), Bucket(100)]);
        Assert.Equal("M125 0L375 100M812.5 0h125", chart.Line(b => b.P99ResponseTimeMs));
    }

    [Theory]
    [InlineData(0, 10, 60)]
    [InlineData(0, 60, 60)]
    [InlineData(0, 61, 300)]
    [InlineData(1, 30, 900)]
    [InlineData(2, 30, 7200)]
    [InlineData(2, 86_400, 86_400)]
    public void StepFor_AnyInterval_HoldsAtLeastOneCheck(int range, int interval, int step) =>
        Assert.Equal(step, HistoryRange.All[range].StepFor(TimeSpan.FromSeconds(interval)).TotalSeconds);

    [Theory]
    [InlineData("<?limit=25&after=17900-4>; rel=\"next\"", "17900-4")]
    [InlineData("<?after=a%2Bb&limit=1>; rel=\"next\"", "a+b")]
    [InlineData("<?after=1>; rel=\"prev\"", null)]
    [InlineData("nothing of the kind", null)]
    public void After_ALinkHeader_IsWhereTheNextPageBegins(string link, string? after) => Assert.Equal(after, ApiAnswer.After([link]));

    private static HistoryRow Bucket(double? ms) => new()
    {
        Start = Rows.Noon,
        Ok = 1,
        Warn = 0,
        Error = 0,
        Down = 0,
        Unknown = 0,
        UptimePercent = 100,
        LatencyCount = ms is null ? 0 : 1,
        AvgResponseTimeMs = ms,
        P50ResponseTimeMs = ms,
        P95ResponseTimeMs = ms,
        P99ResponseTimeMs = ms,
    };
}
