using System.Text.RegularExpressions;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>The metrics that an expression asks for.</summary>
internal static partial class MetricNames
{
    /// <summary>Without what stands in quotes, functions and labels: names with the prefixes that HealthTrack's metrics have, and Prometheus' own.</summary>
    public static IEnumerable<string> Of(string expression) =>
        Name().Matches(Quoted().Replace(expression, "\"\"")).Select(m => m.Value).Distinct();

    /// <summary>The name of a family: a histogram's without the endings of its series.</summary>
    public static string Family(string name) => HistogramEnding().Replace(name, "");

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w:])(?:healthtrack|health|controller_runtime|workqueue|leader_election|rest_client|process|dotnet)_\w+(?![\w:])")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramEnding();
}
