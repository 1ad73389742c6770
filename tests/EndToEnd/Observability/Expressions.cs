using YamlDotNet.RepresentationModel;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>Every PromQL expression of config/: of rules, optional ones included, of panels and of variables.</summary>
internal static class Expressions
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. Rule.All.Select(r => r.Expression),
        .. GrafanaDashboard.All.SelectMany(d => d.Queries).Select(q => q.Expression),
        .. GrafanaDashboard.All.SelectMany(d => d.Variables).Select(v => GrafanaDashboard.Text(v, "definition")),
    ];
}

/// <summary>A rule of config/prometheus.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Alert">Its name, where it is an alert.</param>
/// <param name="Expression">What it asks.</param>
/// <param name="Labels">What it adds.</param>
/// <param name="Annotations">What it says.</param>
internal sealed record Rule(
    string File, string? Alert, string Expression, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>All rules, the optional ones included.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [.. Repository.Files("config/prometheus/rules", "*.yaml").Concat(Repository.Files("config/prometheus/optional", "*.yaml")).SelectMany(Read)];

    /// <summary>The document of a YAML file.</summary>
    public static YamlNode Document(string file)
    {
        using var text = System.IO.File.OpenText(file);
        var stream = new YamlStream();
        stream.Load(text);
        return stream.Documents.Single().RootNode;
    }

    private static IEnumerable<Rule> Read(string file) =>
        from YamlMappingNode rules in ((YamlSequenceNode)Document(file)["groups"]).Select(g => g)
        from YamlMappingNode rule in (YamlSequenceNode)rules["rules"]
        select new Rule(
            Path.GetFileName(file), rule.Children.TryGetValue("alert", out var alert) ? (string?)alert : null, (string)rule["expr"]!, Map(rule, "labels"), Map(rule, "annotations"));

    private static Dictionary<string, string> Map(YamlMappingNode rule, string name) =>
        rule.Children.TryGetValue(name, out var map) ? ((YamlMappingNode)map).ToDictionary(p => (string)p.Key!, p => (string)p.Value!) : [];
}
