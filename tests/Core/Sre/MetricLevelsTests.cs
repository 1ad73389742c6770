using CsCheck;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Sre;

public sealed class MetricLevelsTests
{
    // Half of them inside every bound, so that each metric decides now and then.
    private static readonly Gen<double?> Latency = Gen.Select(Gen.Int[0, 9], Gen.Double[0, 4000]).Select((what, ms) => what == 0 ? (double?)null : what < 9 ? ms / 4 : ms);

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
    public void AllInside_OfAnyWindow_IsThatNoRatedMetricIsPastABound() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 2], Latency, Latency, Latency, Gen.Double[0.4, 1]).Sample((good, bad, average, p95, p99, apdex) =>
        {
            var window = new WindowSummary
            {
                Good = good,
                Bad = bad,
                LatencySamples = good,
                AverageLatencyMs = average,
                P50LatencyMs = null,
                P95LatencyMs = p95,
                P99LatencyMs = p99,
                Apdex = good + bad == 0 ? null : apdex,
                ThroughputPerSecond = null,
            };
            var past = MetricLevels.Rated(MetricThresholds.Default, window).Any(metric => metric.Level is MetricLevel.Warning or MetricLevel.Critical);
            Assert.Equal(!past, MetricLevels.AllInside(MetricThresholds.Default, window));
        });

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
