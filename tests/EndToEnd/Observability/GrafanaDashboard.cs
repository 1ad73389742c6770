using System.Text.Json;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>A dashboard of config/grafana/dashboards.</summary>
internal sealed class GrafanaDashboard
{
    private GrafanaDashboard(string file) => Json = JsonElement.Parse(File.ReadAllText(Repository.At($"config/grafana/dashboards/{file}")));

    public static GrafanaDashboard Fleet { get; } = new("fleet-overview.json");

    public static GrafanaDashboard Service { get; } = new("service-detail.json");

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<GrafanaDashboard> All { get; } = [Fleet, Service];

    /// <summary>The file.</summary>
    public JsonElement Json { get; }

    public string Uid => Json.GetProperty("uid").GetString()!;

    /// <summary>All panels, those folded into rows included.</summary>
    public IReadOnlyList<JsonElement> Panels => [.. Flat(Json.GetProperty("panels"))];

    /// <summary>The panels that show something: all but the heads of rows.</summary>
    public IReadOnlyList<JsonElement> Charts => [.. Panels.Where(p => Text(p, "type") != "row")];

    public IReadOnlyList<JsonElement> Variables => [.. Json.GetProperty("templating").GetProperty("list").EnumerateArray()];

    /// <summary>Every query of every panel.</summary>
    public IReadOnlyList<PanelQuery> Queries =>
    [
        .. from panel in Charts
           from target in panel.GetProperty("targets").EnumerateArray()
           select new PanelQuery($"{Uid} / {Text(panel, "title")} / {Text(target, "refId")}", Text(target, "expr"), target.GetProperty("instant").GetBoolean(), Text(target, "format")),
    ];

    public static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static IEnumerable<JsonElement> Flat(JsonElement panels)
    {
        foreach (var panel in panels.EnumerateArray())
        {
            yield return panel;
            if (!panel.TryGetProperty("panels", out var folded))
                continue;
            foreach (var inner in Flat(folded))
                yield return inner;
        }
    }
}

/// <summary>One query of a panel.</summary>
/// <param name="Name">Dashboard, panel and letter.</param>
/// <param name="Expression">As in the file, with its variables.</param>
/// <param name="Instant">Whether it asks for now alone.</param>
/// <param name="Format">How Grafana reads the answer.</param>
internal sealed record PanelQuery(string Name, string Expression, bool Instant, string Format)
{
    /// <summary>With Grafana's own variables as they would be, and ours as they are picked.</summary>
    public string With(string namespaces, string services) => Expression
        .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
        .Replace("$__range", "1h", StringComparison.Ordinal)
        .Replace("$__interval", "15s", StringComparison.Ordinal)
        .Replace("$namespace", namespaces, StringComparison.Ordinal)
        .Replace("$service", services, StringComparison.Ordinal);
}
