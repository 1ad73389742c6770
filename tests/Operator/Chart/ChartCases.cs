using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>Values that the chart is rendered with: a file each in testdata/chart, and the switches that docs/helm.md has.</summary>
internal static partial class ChartCases
{
    /// <summary>The names of all.</summary>
    public static IEnumerable<string> Names => Directory.GetFiles(Repository.File("tests", "Operator", "testdata", "chart"), "*.yaml")
        .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>The file of one.</summary>
    public static string FileOf(string name) => Repository.File("tests", "Operator", "testdata", "chart", $"{name}.yaml");

    /// <summary>What one sets.</summary>
    public static JsonObject Values(string name) => RenderedObject.ReadOne(File.ReadAllText(FileOf(name)));

    /// <summary>What holds where nothing is set.</summary>
    public static JsonObject Defaults { get; } = RenderedObject.ReadOne(File.ReadAllText(Path.Combine(HelmProgram.Chart, "values.yaml")));

    /// <summary>The switches of the documentation: what stands in backticks in the first column of a table.</summary>
    public static List<string> Documented { get; } =
    [
        .. from line in File.ReadLines(Repository.File("docs", "helm.md"))
           where line.StartsWith("| `", StringComparison.Ordinal)
           from Match match in Backticks().Matches(line.Split('|')[1])
           select match.Groups[1].Value,
    ];

    /// <summary>Every value that there is, by its path.</summary>
    public static IEnumerable<string> Leaves(JsonNode? node, string path = "") => node is JsonObject { Count: > 0 } map
        ? map.SelectMany(field => Leaves(field.Value, path.Length == 0 ? field.Key : $"{path}.{field.Key}"))
        : [path];

    /// <summary>The value at a path; absent where it leads nowhere.</summary>
    public static bool TryFind(JsonObject values, string path, out JsonNode? found)
    {
        found = values;
        foreach (var name in path.Split('.'))
        {
            if (found is not JsonObject map || !map.TryGetPropertyValue(name, out found))
                return false;
        }
        return true;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backticks();
}
