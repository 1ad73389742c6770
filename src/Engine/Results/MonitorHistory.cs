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

    /// <summary>About how many samples its history has: what reading it costs.</summary>
    public static long ExpectedSamples(Monitor monitor)
    {
        var spec = monitor.Spec;
        var span = spec.Pools.Count > 1 ? spec.Window + Day : spec.Window;
        return UnmarkedResults + (long)(spec.Pools.Count * (span / spec.Interval));
    }

    /// <summary>What to ask the store for.</summary>
    public static HistoryQuery Query(StoredMonitor stored, Monitor monitor, long now)
    {
        var (spec, day) = (monitor.Spec, (long)Day.TotalMilliseconds);
        var severalLocations = spec.Pools.Count > 1;
        return new HistoryQuery
        {
            ServiceId = stored.Id,
            CountsFrom = stored.CountsFrom,
            CountsFromGeneration = stored.CountsFromGeneration,
            WindowFrom = WindowFrom(stored, monitor, now),
            DayFrom = Math.Max(WindowBounds.Start(now, day), stored.CountsFrom),
            DayUntil = now,
            Votes = severalLocations,
            BinLength = WindowBounds.Granularity(day),
            TailLength = Math.Max(spec.FailureThreshold, spec.SuccessThreshold) + UnmarkedResults,
            NewestLength = severalLocations ? ResultsOfALocation * spec.Pools.Count : 1,
        };
    }

    /// <summary>What the store answered, without what does not count.</summary>
    public static MonitorHistory Of(StoredHistory read, StoredMonitor stored, Monitor monitor)
    {
        var counting = read.Newest.Where(c => c.Result.Generation >= stored.CountsFromGeneration).Select(c => c.Result with { Uid = monitor.Uid }).ToList();
        return new MonitorHistory(
            Counting(read.Samples, stored),
            read.Uptime,
            read.FirstDue,
            Counting(read.Tail, stored),
            read.Newest.Count > 0 && read.Newest[0].Result.Generation >= stored.CountsFromGeneration ? counting[0] : null)
        {
            Newest = counting,
            Votes = Counting(read.Votes, stored),
        };
    }

    /// <summary>Reads the samples of the metrics window alone.</summary>
    public static async Task<IReadOnlyList<StoredSample>> ReadWindowAsync(
        IResultStore store, StoredMonitor stored, Monitor monitor, long now, CancellationToken cancellationToken) =>
        Counting(await store.ReadSamplesAsync(stored.Id, WindowFrom(stored, monitor, now), long.MaxValue, cancellationToken), stored);

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

    private static long WindowFrom(StoredMonitor stored, Monitor monitor, long now) =>
        Math.Max(WindowBounds.Start(now, (long)monitor.Spec.Window.TotalMilliseconds), stored.CountsFrom);

    // Most often all count, and need not be copied.
    private static IReadOnlyList<StoredSample> Counting(IReadOnlyList<StoredSample> samples, StoredMonitor stored) =>
        samples.All(s => s.Generation >= stored.CountsFromGeneration) ? samples : [.. samples.Where(s => s.Generation >= stored.CountsFromGeneration)];
}
