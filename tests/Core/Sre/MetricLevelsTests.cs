using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Sre;

public sealed class MetricLevelsTests
{
    [Theory]
    [InlineData(null, MetricLevel.None)]
    [InlineData(0.0, MetricLevel.Good)]
    [InlineData(2.0, MetricLevel.Good)]
    [InlineData(2.0000001, MetricLevel.Warning)]
    [InlineData(5.0, MetricLevel.Warning)]
    [InlineData(5.0000001, MetricLevel.Critical)]
    public void OfHigh_AValue_IsPastOnlyAboveTheBound(double? value, MetricLevel level) =>
        Assert.Equal(level, MetricLevels.OfHigh(value, MetricThresholds.Default.ErrorRate));

    [Theory]
    [InlineData(null, MetricLevel.None)]
    [InlineData(100.0, MetricLevel.Good)]
    [InlineData(95.0, MetricLevel.Good)]
    [InlineData(94.9999999, MetricLevel.Warning)]
    [InlineData(90.0, MetricLevel.Warning)]
    [InlineData(89.9999999, MetricLevel.Critical)]
    [InlineData(0.0, MetricLevel.Critical)]
    public void OfLow_AValue_IsPastOnlyBelowTheBound(double? value, MetricLevel level) =>
        Assert.Equal(level, MetricLevels.OfLow(value, MetricThresholds.Default.Uptime));

    [Fact]
    public void Rated_AFractionThatIsExactlyTheBound_IsNotPastIt()
    {
        // 23 of 1000 is 2.3 % and not a hair more, though neither is exact in binary.
        var window = new WindowSummary
        {
            Good = 977,
            Bad = 23,
            LatencySamples = 0,
            AverageLatencyMs = null,
            P50LatencyMs = null,
            P95LatencyMs = null,
            P99LatencyMs = null,
            Apdex = 0.8,
            ThroughputPerSecond = null,
        };
        var rated = MetricLevels.Rated(MetricThresholds.Default with { ErrorRate = new(2.3, 5) }, window);
        Assert.Equal(
            ["Error rate Good", "Average latency None", "P95 latency None", "P99 latency None", "Apdex Good"],
            rated.Select(m => $"{m.Name} {m.Level}"));
    }
}
