namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>The columns that the table can be sorted by, and what they are called.</summary>
internal static class FleetColumns
{
    public static readonly IReadOnlyList<(SortColumn Column, string Label)> InTable =
    [
        (SortColumn.Name, "Service"),
        (SortColumn.Health, "Health"),
        (SortColumn.AvgLatency, "Average"),
        (SortColumn.P95Latency, "P95"),
        (SortColumn.P99Latency, "P99"),
        (SortColumn.Apdex, "Apdex"),
        (SortColumn.ErrorRate, "Errors"),
        (SortColumn.Uptime, "Uptime 24h"),
        (SortColumn.RequestRate, "Rate"),
        (SortColumn.Checks, "Checks"),
        (SortColumn.LastCheck, "Last check"),
    ];

    /// <summary>What a column means, for its tooltip.</summary>
    public static string Meaning(SortColumn column) => column switch
    {
        SortColumn.Health => "What needs a look comes first",
        SortColumn.AvgLatency => "Mean latency of the checks in the window",
        SortColumn.P95Latency => "95 of 100 checks in the window were at least this fast",
        SortColumn.P99Latency => "99 of 100 checks in the window were at least this fast",
        SortColumn.Apdex => "Satisfied users, 0 to 1: checks within the threshold, and half of those within four times it",
        SortColumn.ErrorRate => "Checks in the window that were not ok",
        SortColumn.Uptime => "Checks of the last 24 hours that were ok",
        SortColumn.RequestRate => "Request rate: checks a minute; below it the throughput: checks a second",
        SortColumn.Checks => "Checks in the window",
        SortColumn.LastCheck => "When the last check was due, and how it ended",
        _ => "Display name",
    };
}
