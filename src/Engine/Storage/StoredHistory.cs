namespace HealthTrack.Engine.Storage;

/// <summary>Of which service how much history is wanted. Times are ms since the Unix epoch.</summary>
public sealed record HistoryQuery
{
    /// <summary>The service.</summary>
    public required long ServiceId { get; init; }

    /// <summary>What was due before this does not count at all.</summary>
    public required long CountsFrom { get; init; }

    /// <summary>What was made under an earlier generation counts neither in <see cref="StoredHistory.Uptime"/> nor as <see cref="StoredHistory.FirstDue"/>.</summary>
    public required long CountsFromGeneration { get; init; }

    /// <summary>Where the metrics window begins.</summary>
    public required long WindowFrom { get; init; }

    /// <summary>Where the day begins that uptime is counted over.</summary>
    public required long DayFrom { get; init; }

    /// <summary>Where that day ends, inclusive.</summary>
    public required long DayUntil { get; init; }

    /// <summary>Whether the samples of the day are wanted (<see cref="StoredHistory.Votes"/>), not their counts (<see cref="StoredHistory.Uptime"/>).</summary>
    public required bool Votes { get; init; }

    /// <summary>Length of the bins of uptime, ms, at least 1.</summary>
    public required long BinLength { get; init; }

    /// <summary>How many of the newest samples are wanted.</summary>
    public required int TailLength { get; init; }

    /// <summary>How many of the newest checks are wanted.</summary>
    public required int NewestLength { get; init; }
}

/// <summary>What the store holds of one service. Samples and checks are of every generation: only the counts and the first due time leave earlier ones out.</summary>
/// <param name="Samples">All from <see cref="HistoryQuery.WindowFrom"/> on, by ascending due time.</param>
/// <param name="Uptime">Counts of the day, as <see cref="IResultStore.CountOutcomesAsync"/> gives them; empty where votes are wanted.</param>
/// <param name="Votes">Where they are wanted, all samples from <see cref="HistoryQuery.DayFrom"/> on, by ascending due time.</param>
/// <param name="FirstDue">As <see cref="IResultStore.ReadFirstDueAsync"/> gives it.</param>
/// <param name="Tail">The newest samples that are not due before <see cref="HistoryQuery.CountsFrom"/>, by ascending due time.</param>
/// <param name="Newest">The newest checks that are not due before it, newest first.</param>
public sealed record StoredHistory(
    IReadOnlyList<StoredSample> Samples,
    IReadOnlyList<OutcomeBin> Uptime,
    IReadOnlyList<StoredSample> Votes,
    long? FirstDue,
    IReadOnlyList<StoredSample> Tail,
    IReadOnlyList<StoredCheck> Newest);
