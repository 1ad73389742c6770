using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Metrics;

/// <summary>
/// The monitors' series, written at scrape time from the monitors' state: nothing is kept between scrapes but label sets, which go with their monitor.
/// </summary>
internal sealed class MonitorMetrics(Fleet fleet, TimeProvider time)
{
    private const int FlushAt = 64 * 1024;

    private readonly ConditionalWeakTable<MonitorState, MonitorLabels> _labels = [];

    /// <summary>Writes all families.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var states = fleet.ById;
        // A family's samples must stand together, so every monitor is read once and kept until the last family is written.
        var readings = ArrayPool<MonitorReading>.Shared.Rent(states.Count);
        try
        {
            Read(states, readings);
            foreach (var family in MonitorFamilies.All)
            {
                var next = 0;
                do
                {
                    next = WriteSome(output, family, readings.AsSpan(0, states.Count), next);
                    if ((await output.FlushAsync(cancellationToken)).IsCompleted)
                        return; // Whoever scraped has gone.
                }
                while (next < states.Count);
            }
        }
        finally
        {
            // Cleared: the pool must not keep deleted monitors alive.
            ArrayPool<MonitorReading>.Shared.Return(readings, clearArray: true);
        }
    }

    private void Read(IReadOnlyList<MonitorState> states, MonitorReading[] readings)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < states.Count; i++)
        {
            var at = states[i].Snapshot(now);
            _labels.TryGetValue(states[i], out var before);
            var labels = MonitorLabels.Of(at, before);
            if (labels != before)
                _labels.AddOrUpdate(states[i], labels);
            readings[i] = new MonitorReading(labels, at);
        }
    }

    // Up to a buffer's worth of samples; returns where to go on.
    private static int WriteSome(PipeWriter output, MonitorFamilies.Family family, ReadOnlySpan<MonitorReading> readings, int next)
    {
        var text = new PrometheusText(output);
        if (next == 0)
            text.Family(family.NameBytes, family.TypeBytes, family.HelpBytes);
        while (next < readings.Length && text.Written < FlushAt)
            family.Write(ref text, in readings[next++]);
        return next;
    }
}
