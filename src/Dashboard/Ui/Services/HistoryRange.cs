namespace HealthTrack.Dashboard.Ui.Services;

/// <summary>How far back the history of a service is shown.</summary>
/// <param name="Label">What people choose.</param>
/// <param name="Length">How far back.</param>
/// <param name="Step">The length of a bucket where checks are frequent enough.</param>
/// <param name="Refresh">How often it is read again while somebody looks.</param>
/// <param name="TimeFormat">How its times are written on an axis.</param>
internal sealed record HistoryRange(string Label, TimeSpan Length, TimeSpan Step, TimeSpan Refresh, string TimeFormat)
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2),
        TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24),
    ];

    public static IReadOnlyList<HistoryRange> All { get; } =
    [
        new("1 h", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), "HH:mm"),
        new("24 h", TimeSpan.FromHours(24), TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(60), "HH:mm"),
        new("7 d", TimeSpan.FromDays(7), TimeSpan.FromHours(2), TimeSpan.FromMinutes(5), "MMM d"),
    ];

    /// <summary>The bucket for a service that is checked every <paramref name="interval"/>: at least one check is due in each.</summary>
    public TimeSpan StepFor(TimeSpan? interval) => Array.Find(Steps, s => s >= Step && s >= (interval ?? TimeSpan.Zero)) is var found && found > TimeSpan.Zero ? found : Steps[^1];
}
