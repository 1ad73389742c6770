using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>One node of a structural OpenAPI v3 schema, as far as the schemas in <c>config/crd</c> use it.</summary>
internal sealed class SchemaNode
{
    public required string Type { get; init; }

    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>Fields in the order of the schema, which is the order of canonical JSON.</summary>
    public IReadOnlyList<(string Name, SchemaNode Schema)> Properties { get; init; } = [];

    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The schema of a map's values; null: only <see cref="Properties"/> may be given.</summary>
    public SchemaNode? AdditionalProperties { get; init; }

    public int? MaxProperties { get; init; }

    public SchemaNode? Items { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    /// <summary><c>atomic</c>, <c>set</c> or <c>map</c>.</summary>
    public string ListType { get; init; } = "atomic";

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    public IReadOnlyList<string> Enum { get; init; } = [];

    public string? Pattern { get; init; }

    /// <summary>Lengths count Unicode characters, as Kubernetes does.</summary>
    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public ManifestNode? Default { get; init; }

    /// <summary>The CEL rules and the messages they refuse with.</summary>
    public IReadOnlyList<(string Rule, string Message)> Rules { get; init; } = [];

    /// <summary>The pattern, compiled; patterns in config/crd span the whole text from <c>^</c> to <c>$</c>.</summary>
    public Regex? Matcher => field ??= Pattern is null ? null : new Regex(Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public SchemaNode? Property(string name) => Properties.FirstOrDefault(p => p.Name == name).Schema;

    /// <summary>Reads a schema that is known to be sound.</summary>
    public static SchemaNode Of(ManifestNode node)
    {
        var map = (MapNode)node;
        return new SchemaNode
        {
            Type = Text(map, "type") ?? throw new FormatException($"A schema at line {map.Line} has no type."),
            Format = Text(map, "format") ?? "",
            Description = Text(map, "description") ?? "",
            Properties = [.. Map(map, "properties").Select(e => (e.Key, Of(e.Value)))],
            Required = Texts(map, "required"),
            AdditionalProperties = map.Find("additionalProperties") is { } values ? Of(values) : null,
            MaxProperties = (int?)Number(map, "maxProperties"),
            Items = map.Find("items") is { } items ? Of(items) : null,
            MinItems = (int?)Number(map, "minItems"),
            MaxItems = (int?)Number(map, "maxItems"),
            ListType = Text(map, "x-kubernetes-list-type") ?? "atomic",
            ListMapKeys = Texts(map, "x-kubernetes-list-map-keys"),
            Enum = Texts(map, "enum"),
            Pattern = Text(map, "pattern"),
            MinLength = (int?)Number(map, "minLength"),
            MaxLength = (int?)Number(map, "maxLength"),
            Minimum = Number(map, "minimum"),
            Maximum = Number(map, "maximum"),
            Default = map.Find("default"),
            Rules = map.Find("x-kubernetes-validations") is ListNode rules
                ? [.. rules.Items.Cast<MapNode>().Select(r => (Text(r, "rule")!, Text(r, "message")!))]
                : [],
        };
    }

    private static string? Text(MapNode map, string key) => (map.Find(key) as ScalarNode)?.Text;

    private static double? Number(MapNode map, string key) =>
        Text(map, key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static IReadOnlyList<MapEntry> Map(MapNode map, string key) => (map.Find(key) as MapNode)?.Entries ?? [];

    private static IReadOnlyList<string> Texts(MapNode map, string key) =>
        map.Find(key) is ListNode list ? [.. list.Items.Cast<ScalarNode>().Select(i => i.Text)] : [];
}
