using HealthTrack.Contracts.Api;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Api.Rows;

/// <summary>Writes a monitor's past as the API's rows.</summary>
internal static class HistoryRows
{
    /// <summary>The whole answer.</summary>
    public static HistoryReport Report(long id, long from, long to, long step, Monitor? monitor, IReadOnlyList<HistoryBucket> buckets) => new()
    {
        ServiceId = id,
        From = Time(from),
        To = Time(to),
        StepSeconds = step / 1000.0,
        // Rounds are made of today's interval, locations and quorum, and nobody wrote down which location was blind.
        Estimated = monitor?.Spec.Pools.Count > 1 ? ["unknown", "uptime_percent"] : ["unknown"],
        Buckets = [.. buckets.Select(Row)],
    };

    private static HistoryRow Row(HistoryBucket bucket) => new()
    {
        Start = Time(bucket.Start),
        Ok = bucket.Ok,
        Warn = bucket.Warn,
        Error = bucket.Error,
        Down = bucket.Down,
        Unknown = bucket.Unknown,
        UptimePercent = bucket.UptimePercent,
        LatencyCount = bucket.LatencySamples,
        AvgResponseTimeMs = bucket.AverageLatencyMs,
        P50ResponseTimeMs = bucket.P50LatencyMs,
        P95ResponseTimeMs = bucket.P95LatencyMs,
        P99ResponseTimeMs = bucket.P99LatencyMs,
    };

    private static DateTimeOffset Time(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant);
}
