using HealthTrack.Contracts.Api;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Api;

/// <summary>
/// What the numbers were at the moment of each check: the windows that end at its due time, over every result that was due by then, whenever it came
/// in. The stored checks are played into empty windows in their order and summed up after each one that is asked for.
/// </summary>
internal static class MomentReplay
{
    private static readonly long Day = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>The rows of <paramref name="checks"/>, in their order.</summary>
    /// <param name="store">Where the checks are read that came before.</param>
    /// <param name="state">The service; today's window and Apdex threshold hold.</param>
    /// <param name="checks">Newest first. Those of another target or incarnation have no values: they count in no window.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<List<DetailedCheckRow>> RunAsync(
        IResultStore store, MonitorState state, IReadOnlyList<StoredCheck> checks, CancellationToken cancellationToken)
    {
        var (monitor, stored) = (state.Monitor, state.Stored);
        var counting = monitor is null ? [] : checks.Where(c => Counts(c, stored)).ToList();
        if (counting.Count == 0)
            return [.. checks.Select(c => CheckRows.Detailed(c, default, null))];

        counting.Reverse();
        var replay = await ReadAsync(store, monitor!, stored, counting[0].Result.DueTime, counting[^1].Result.DueTime, cancellationToken);
        var rows = counting.ToDictionary(c => c.Id, c => CheckRows.Detailed(c, replay.SummarizeAt(c.Result.DueTime, out var uptime), uptime));
        return [.. checks.Select(c => rows.GetValueOrDefault(c.Id) ?? CheckRows.Detailed(c, default, null))];
    }

    private static bool Counts(StoredCheck check, StoredMonitor stored) =>
        check.Result.DueTime >= stored.CountsFrom && check.Result.Generation >= stored.CountsFromGeneration;

    private static async Task<Replay> ReadAsync(
        IResultStore store, Monitor monitor, StoredMonitor stored, long first, long last, CancellationToken cancellationToken)
    {
        var windowStart = Math.Max(WindowBounds.Start(first, (long)monitor.Spec.Window.TotalMilliseconds), stored.CountsFrom);
        var dayStart = Math.Max(WindowBounds.Start(first, Day), stored.CountsFrom);
        var samples = await store.ReadSamplesAsync(stored.Id, windowStart, last, cancellationToken);
        // What only the uptime looks back on comes as counts: a day of checks each second would be 86 400 rows.
        var counts = dayStart < windowStart
            ? await store.CountOutcomesAsync(
                stored.Id, dayStart, windowStart - 1, WindowBounds.Granularity(Day), stored.CountsFromGeneration, cancellationToken)
            : [];
        var firstDue = await store.ReadFirstDueAsync(stored.Id, stored.CountsFrom, stored.CountsFromGeneration, cancellationToken);

        var windows = new MonitorWindows(monitor.Spec.Window, monitor.Spec.ApdexThreshold);
        if (firstDue is { } due)
            windows.BeginAt(due);
        foreach (var bin in counts)
            windows.RecordUptime(first, bin.Start, bin.Good, bin.Bad);
        return new Replay(windows, [.. samples.Where(s => s.Generation >= stored.CountsFromGeneration)]);
    }

    private sealed class Replay(MonitorWindows windows, List<StoredSample> samples)
    {
        private int _played;

        // Called by ascending time: what leaves a window does not come back.
        public WindowSummary SummarizeAt(long moment, out double? uptimePercent)
        {
            for (; _played < samples.Count && samples[_played].DueTime <= moment; _played++)
            {
                var sample = samples[_played];
                windows.Record(moment, sample.DueTime, sample.LatencyMicros, sample.Outcome, sample.Kind, sample.CountsInLatency);
            }
            uptimePercent = windows.UptimePercent(moment);
            return windows.Summarize(moment);
        }
    }
}
