using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Sre;

/// <summary>The colour of one metric.</summary>
public enum MetricLevel
{
    /// <summary>No samples.</summary>
    None,

    /// <summary>Inside its thresholds: green.</summary>
    Good,

    /// <summary>Past the warning threshold: yellow.</summary>
    Warning,

    /// <summary>Past the critical threshold: red.</summary>
    Critical,
}

/// <summary>A metric that can degrade health, with what it was held against.</summary>
/// <param name="Name">As in a sentence: <c>P95 latency</c>.</param>
/// <param name="Reason">The <see cref="HealthReasons"/> that it gives.</param>
/// <param name="Unit">With its leading space, or empty.</param>
/// <param name="Value">The value; 0 where the level is None.</param>
/// <param name="Threshold">The bounds.</param>
/// <param name="Level">The colour.</param>
/// <param name="Samples">How many samples are behind the value.</param>
public readonly record struct RatedMetric(
    string Name, string Reason, string Unit, double Value, Threshold Threshold, MetricLevel Level, int Samples);

/// <summary>Holds metrics against their thresholds.</summary>
public static class MetricLevels
{
    /// <summary>The level of a metric that is bad when high; "past" is above the bound, not on it.</summary>
    public static MetricLevel OfHigh(double? value, Threshold threshold) => value switch
    {
        null => MetricLevel.None,
        { } v when v > threshold.Critical => MetricLevel.Critical,
        { } v when v > threshold.Warning => MetricLevel.Warning,
        _ => MetricLevel.Good,
    };

    /// <summary>The level of a metric that is bad when low; "past" is below the bound, not on it.</summary>
    public static MetricLevel OfLow(double? value, Threshold threshold) => value switch
    {
        null => MetricLevel.None,
        { } v when v < threshold.Critical => MetricLevel.Critical,
        { } v when v < threshold.Warning => MetricLevel.Warning,
        _ => MetricLevel.Good,
    };

    /// <summary>The metrics of a window that can degrade health. Uptime is not among them: it looks back a whole day.</summary>
    public static RatedMetric[] Rated(MetricThresholds thresholds, in WindowSummary window) =>
    [
        High("Error rate", HealthReasons.ErrorRateHigh, " %", window.ErrorRatePercent, thresholds.ErrorRate, window.Checks),
        High("Average latency", HealthReasons.LatencyHigh, " ms", window.AverageLatencyMs, thresholds.AverageLatency, window.LatencySamples),
        High("P95 latency", HealthReasons.LatencyHigh, " ms", window.P95LatencyMs, thresholds.P95Latency, window.LatencySamples),
        High("P99 latency", HealthReasons.LatencyHigh, " ms", window.P99LatencyMs, thresholds.P99Latency, window.LatencySamples),
        new("Apdex", HealthReasons.ApdexLow, "", window.Apdex ?? 0, thresholds.Apdex, OfLow(window.Apdex, thresholds.Apdex), window.Checks),
    ];

    /// <summary>Whether no metric of <see cref="Rated"/> is past a threshold: for nearly all monitors at nearly all times, and found without making anything.</summary>
    public static bool AllInside(MetricThresholds thresholds, in WindowSummary window) =>
        OfHigh(window.ErrorRatePercent, thresholds.ErrorRate) <= MetricLevel.Good
        && OfHigh(window.AverageLatencyMs, thresholds.AverageLatency) <= MetricLevel.Good
        && OfHigh(window.P95LatencyMs, thresholds.P95Latency) <= MetricLevel.Good
        && OfHigh(window.P99LatencyMs, thresholds.P99Latency) <= MetricLevel.Good
        && OfLow(window.Apdex, thresholds.Apdex) <= MetricLevel.Good;

    private static RatedMetric High(string name, string reason, string unit, double? value, Threshold threshold, int samples) =>
        new(name, reason, unit, value ?? 0, threshold, OfHigh(value, threshold), samples);
}
