using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Results;

/// <summary>What the store remembers of a monitor and its state is rebuilt from.</summary>
/// <param name="Samples">Samples of the metrics window, by ascending due time.</param>
/// <param name="Uptime">Counts of the last 24 h.</param>
/// <param name="FirstDue">When the first check that counts was due.</param>
/// <param name="Tail">The newest samples of any kind, by ascending due time: what the streak is found from.</param>
/// <param name="Last">The newest result.</param>
internal sealed record MonitorHistory(
    IReadOnlyList<StoredSample> Samples,
    IReadOnlyList<OutcomeBin> Uptime,
    long? FirstDue,
    IReadOnlyList<StoredSample> Tail,
    CheckResult? Last)
{
    /// <summary>Where several locations check: the samples of a day, by ascending due time, of which the rounds are made; <see cref="Uptime"/> is empty then.</summary>
    public IReadOnlyList<StoredSample> Votes { get; init; } = [];

    /// <summary>The newest results, newest first: where several locations check, the last of each that reported lately is among them.</summary>
    public IReadOnlyList<CheckResult> Newest { get; init; } = [];

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // The saved mark says whether the monitor was Unhealthy; it is saved right behind the results that changed it. So the tail must reach
    // back over the results that a crash can have kept from being marked, and over the longest run that can matter.
    private const int UnmarkedResults = 100;

    // One that missed a few rounds is found all the same.
    private const int ResultsOfALocation = 5;

    /// <summary>Of a monitor that was never seen before.</summary>
    public static MonitorHistory None { get; } = new([], [], null, [], null);

    /// <summary>Reads it.</summary>
    public static async Task<MonitorHistory> ReadAsync(
        IResultStore store, StoredMonitor stored, Monitor monitor, long now, CancellationToken cancellationToken)
    {
        var spec = monitor.Spec;
        var samples = await ReadWindowAsync(store, stored, monitor, now, cancellationToken);
        var dayStart = Math.Max(WindowBounds.Start(now, (long)Day.TotalMilliseconds), stored.CountsFrom);
        var bin = WindowBounds.Granularity((long)Day.TotalMilliseconds);
        var severalLocations = spec.Pools.Count > 1;
        var uptime = severalLocations ? [] : await store.CountOutcomesAsync(stored.Id, dayStart, now, bin, stored.CountsFromGeneration, cancellationToken);
        var votes = severalLocations ? await store.ReadSamplesAsync(stored.Id, dayStart, long.MaxValue, cancellationToken) : [];
        var firstDue = await store.ReadFirstDueAsync(stored.Id, stored.CountsFrom, stored.CountsFromGeneration, cancellationToken);
        var tailLength = Math.Max(spec.FailureThreshold, spec.SuccessThreshold) + UnmarkedResults;
        var tail = await store.ReadTailAsync(stored.Id, stored.CountsFrom, tailLength, cancellationToken);
        var newest = await store.ReadChecksAsync(new CheckQuery(stored.Id, severalLocations ? ResultsOfALocation * spec.Pools.Count : 1, Since: stored.CountsFrom), cancellationToken);
        var counting = newest.Where(c => c.Result.Generation >= stored.CountsFromGeneration).Select(c => c.Result with { Uid = monitor.Uid }).ToList();
        return new MonitorHistory(
            samples,
            uptime,
            firstDue,
            [.. tail.Where(s => s.Generation >= stored.CountsFromGeneration)],
            newest.Count > 0 && newest[0].Result.Generation >= stored.CountsFromGeneration ? counting[0] : null)
        {
            Newest = counting,
            Votes = [.. votes.Where(s => s.Generation >= stored.CountsFromGeneration)],
        };
    }

    /// <summary>Reads the samples of the metrics window alone.</summary>
    public static async Task<IReadOnlyList<StoredSample>> ReadWindowAsync(
        IResultStore store, StoredMonitor stored, Monitor monitor, long now, CancellationToken cancellationToken)
    {
        var from = Math.Max(WindowBounds.Start(now, (long)monitor.Spec.Window.TotalMilliseconds), stored.CountsFrom);
        var samples = await store.ReadSamplesAsync(stored.Id, from, long.MaxValue, cancellationToken);
        return [.. samples.Where(s => s.Generation >= stored.CountsFromGeneration)];
    }

    /// <summary>Fills empty windows.</summary>
    public void Fill(MonitorWindows windows, long now)
    {
        windows.Reserve(Samples.Count);
        foreach (var sample in Samples)
            windows.RecordSample(now, sample.DueTime, sample.LatencyMicros, sample.Outcome, sample.Kind, sample.CountsInLatency);
        foreach (var bin in Uptime)
            windows.RecordUptime(now, bin.Start, bin.Good, bin.Bad);
        // Due ahead of the clock: each counts when its own time comes, not with its bin.
        foreach (var ahead in Samples.Where(s => Votes.Count == 0 && s.DueTime > now && s.Kind != CheckKind.Manual))
            windows.RecordUptime(now, ahead.DueTime, ahead.Outcome == Outcome.Ok ? 1 : 0, ahead.Outcome == Outcome.Ok ? 0 : 1);
        if (FirstDue is { } firstDue)
            windows.BeginAt(firstDue);
    }
}
