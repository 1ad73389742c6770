namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>The healths of <c>ServiceRow.Health</c> as the page shows them.</summary>
internal static class HealthLook
{
    /// <summary>All, from well to set aside: the order of tiles and chips.</summary>
    public static readonly IReadOnlyList<string> All = ["Healthy", "Degraded", "Unhealthy", "Unknown", "Suspended"];

    /// <summary>What needs a look comes first: the order of the table.</summary>
    public static int Urgency(string health) => health switch
    {
        "Unhealthy" => 0,
        "Degraded" => 1,
        "Unknown" => 2,
        "Healthy" => 3,
        "Suspended" => 4,
        _ => 2,
    };

    /// <summary>The name of its drawing and of its CSS class; a health of a newer API looks like an unknown one and keeps its own text.</summary>
    public static string Slug(string health) => health switch
    {
        "Healthy" => "healthy",
        "Degraded" => "degraded",
        "Unhealthy" => "unhealthy",
        "Suspended" => "suspended",
        _ => "unknown",
    };
}
