using System.Runtime.CompilerServices;
using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Results;

/// <summary>
/// The counters of one monitor since the process started, for Prometheus: checks by outcome, and a histogram of the latencies that the
/// percentiles are of. Not thread-safe: its owner locks.
/// </summary>
internal sealed class CheckCounters
{
    /// <summary>Upper bounds of the histogram's buckets, seconds; the last, +Inf, is not listed.</summary>
    public static ReadOnlySpan<double> BucketBounds => [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private OutcomeCounts _outcomes;
    private BucketCounts _buckets;
    private long _latencyMicros;

    /// <summary>Counts one result.</summary>
    public void Count(CheckResult result)
    {
        _outcomes[(int)result.Outcome]++;
        if (!result.CountsInLatency)
            return;
        var bucket = 0;
        while (bucket < BucketBounds.Length && result.LatencyMicros > BucketBounds[bucket] * 1e6)
            bucket++;
        _buckets[bucket]++;
        _latencyMicros += result.LatencyMicros;
    }

    /// <summary>The values now.</summary>
    public CounterValues Copy() => new([.. _outcomes], [.. _buckets], _latencyMicros / 1e6);

    // In the object itself: two arrays a monitor are two headers and two references more. At a check a second 32 bits last 136 years.
    [InlineArray(4)]
    private struct OutcomeCounts
    {
        private uint _first;
    }

    [InlineArray(8)]
    private struct BucketCounts
    {
        private uint _first;
    }
}

/// <summary>Values of <see cref="CheckCounters"/>.</summary>
/// <param name="Outcomes">Checks, indexed by <see cref="Outcome"/>.</param>
/// <param name="Buckets">Observations in each bucket, not cumulated; the last is +Inf.</param>
/// <param name="LatencySeconds">Sum of the observations, s.</param>
internal sealed record CounterValues(long[] Outcomes, long[] Buckets, double LatencySeconds);
