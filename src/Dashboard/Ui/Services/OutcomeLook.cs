using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Ui.Services;

/// <summary>The outcomes of checks as pages show them.</summary>
internal static class OutcomeLook
{
    /// <summary>The outcomes in the order of a stack, the best at the bottom; <c>unknown</c> is a check that was due and is not there.</summary>
    public static readonly IReadOnlyList<string> All = ["ok", "warn", "error", "down", "unknown"];

    /// <summary>What people call it.</summary>
    public static string Text(string status) => status switch { "ok" => "ok", "warn" => "warning", "error" => "error", "down" => "no answer", _ => status };

    /// <summary>The level whose colour it wears.</summary>
    public static string Level(string status) => status switch { "ok" => "good", "warn" => "warning", "error" or "down" => "critical", _ => "none" };

    /// <summary>How many checks of a bucket ended so.</summary>
    public static int Count(HistoryRow bucket, string status) => status switch
    {
        "ok" => bucket.Ok,
        "warn" => bucket.Warn,
        "error" => bucket.Error,
        "down" => bucket.Down,
        _ => bucket.Unknown,
    };
}
