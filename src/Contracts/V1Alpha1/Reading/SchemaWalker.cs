using System.Globalization;
using System.Text.Json.Nodes;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// Holds a manifest against its schema: types, required and unknown fields, bounds, patterns, uniqueness. Everything wrong is found, not the
/// first thing only. What comes out has the defaults filled in and lacks what is wrong; in lists that is null, so that indexes stay true.
/// </summary>
internal sealed class SchemaWalker(Findings findings)
{
    private readonly ScalarRules _scalars = new(findings);

    /// <returns>The value with defaults; null where it is wrong, which has been said.</returns>
    public JsonNode? Walk(SchemaNode schema, ManifestNode node, string path)
    {
        findings.Locate(path, node.Line);
        switch (schema.Type)
        {
            case not null when node is ScalarNode { Kind: ScalarKind.Null }:
                return Refuse(path, "has no value: give it one, or leave it out");
            case "object" when node is MapNode map:
                return WalkMap(schema, map, path);
            case "array" when node is ListNode list:
                return WalkList(schema, list, path);
            case "object":
                return Refuse(path, $"must be a mapping of fields, but is {node.Noun}");
            case "array":
                return Refuse(path, $"must be a list, but is {node.Noun}: begin each entry with \"- \"");
            default:
                return node is ScalarNode scalar
                    ? _scalars.Walk(schema, scalar, path)
                    : Refuse(path, $"must be a single value, but is {node.Noun}");
        }
    }

    private JsonObject WalkMap(SchemaNode schema, MapNode map, string path)
    {
        var result = new JsonObject();
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var duplicate in map.Duplicates)
            findings.Add(FieldPath.Child(path, duplicate.Key), "is given twice: keep one", duplicate.Line);
        if (map.Entries.Count > schema.MaxProperties)
            findings.Add(path, Invariant($"has {map.Entries.Count} entries: at most {schema.MaxProperties} are allowed"));
        foreach (var (key, line, value) in map.Entries)
        {
            var child = FieldPath.Child(path, key);
            findings.Locate(child, line);
            if ((schema.Property(key) ?? schema.AdditionalProperties) is not { } property)
                findings.Add(child, Unknown(schema, path, key), line);
            // As the API server: null stands for the default where there is one, and for nothing good elsewhere.
            else if (value is ScalarNode { Kind: ScalarKind.Null } && property.Default is not null)
                continue;
            else if (given.Add(key) && Walk(property, value, child) is { } sound)
                result[key] = sound;
        }
        foreach (var name in schema.Required)
        {
            if (map.Find(name) is null)
                findings.Add(FieldPath.Child(path, name), Required(schema.Property(name)), map.Line);
        }
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is { } value && !given.Contains(name))
                result[name] = new SchemaWalker(new Findings()).Walk(property, value, "");
        }
        return result;
    }

    private JsonArray WalkList(SchemaNode schema, ListNode list, string path)
    {
        var result = new JsonArray();
        if (list.Items.Count < schema.MinItems)
            findings.Add(path, Invariant($"must have at least {schema.MinItems} {(schema.MinItems == 1 ? "entry" : "entries")}"));
        if (list.Items.Count > schema.MaxItems)
            findings.Add(path, Invariant($"has {list.Items.Count} entries: at most {schema.MaxItems} are allowed"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        // Entries past the bound are not looked at: one complaint is enough.
        for (var i = 0; i < list.Items.Count && !(i >= schema.MaxItems); i++)
        {
            var child = FieldPath.Item(path, i);
            var item = Walk(schema.Items!, list.Items[i], child);
            result.Add(item);
            if (Identity(schema, item) is { } identity && !seen.Add(identity))
                findings.Add(schema.ListType == "map" ? FieldPath.Child(child, schema.ListMapKeys[0]) : child, "is given twice: keep one");
        }
        return result;
    }

    // What must differ between the entries of a list; null where nothing must, or the entry is already refused.
    private static string? Identity(SchemaNode schema, JsonNode? item) => (schema.ListType, item) switch
    {
        ("set", { }) => item.ToJsonString(),
        ("map", JsonObject map) when schema.ListMapKeys.All(k => map[k] is not null) =>
            string.Join('\n', schema.ListMapKeys.Select(k => map[k]!.ToJsonString())),
        _ => null,
    };

    private static string Unknown(SchemaNode schema, string path, string key) => Suggestions.Field(schema, path, key) is { } suggestion
        ? $"is not a known field: did you mean {suggestion}?"
        : schema.Properties.Count <= 12
            ? $"is not a known field: the fields here are {string.Join(", ", schema.Properties.Select(p => p.Name))}"
            : "is not a known field";

    private static string Required(SchemaNode? property) =>
        property is { Description.Length: > 0 } ? $"is required: {property.Description.Split(". ")[0].TrimEnd('.')}" : "is required";

    private JsonNode? Refuse(string path, string problem)
    {
        findings.Add(path, problem);
        return null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
