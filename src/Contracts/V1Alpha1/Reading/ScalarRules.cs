using System.Globalization;
using System.Text.Json.Nodes;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Holds single values against their schema. Messages never repeat a value: it may be a secret that was put in the wrong place.</summary>
internal sealed class ScalarRules(Findings findings)
{
    /// <returns>The value; null where it is wrong, which has been said.</returns>
    public JsonNode? Walk(SchemaNode schema, ScalarNode scalar, string path) => schema.Type switch
    {
        "string" => Text(schema, scalar, path),
        "boolean" => Boolean(scalar, path),
        _ => Number(schema, scalar, path),
    };

    private JsonValue? Text(SchemaNode schema, ScalarNode scalar, string path)
    {
        if (scalar.Kind != ScalarKind.Text)
            return Refuse(path, NotText(schema, scalar));
        var text = scalar.Text;
        if (schema.Enum.Count > 0)
            return schema.Enum.Contains(text) ? JsonValue.Create(text) : Refuse(path, NotIn(schema, text));
        if (schema.MinLength > 0 && text.Length == 0)
            return Refuse(path, "must not be empty");
        if (text.Length > schema.MaxLength && Characters(text) is var length && length > schema.MaxLength)
            return Refuse(path, Invariant($"has {length} characters: at most {schema.MaxLength} are allowed"));
        // The patterns span the whole text, but $ also matches before a line break at its end.
        if (schema.Matcher is { } pattern && pattern.Match(text) is var match && !(match.Success && match.Length == text.Length))
            return Refuse(path, Patterns.Meaning(schema.Pattern!));
        if (schema.Pattern == Patterns.Duration && !Durations.TryParse(text, out _))
            return Refuse(path, "is too long a duration");
        return JsonValue.Create(text);
    }

    private static string NotText(SchemaNode schema, ScalarNode scalar)
    {
        if (schema.Pattern == Patterns.Duration)
            return "must be a duration with its unit, such as 500ms, 30s, 1m30s or 7d";
        return $"must be a text, but reads as {scalar.Noun}: put it in quotes";
    }

    private static string NotIn(SchemaNode schema, string text)
    {
        var all = $"must be one of {string.Join(", ", schema.Enum)}";
        return Suggestions.Nearest(schema.Enum, text) is { } suggestion ? $"{all}: did you mean {suggestion}?" : all;
    }

    private JsonValue? Boolean(ScalarNode scalar, string path) => scalar.Kind == ScalarKind.Bool
        ? JsonValue.Create(scalar.Text == "true")
        : Refuse(path, "must be true or false, without quotes");

    private JsonValue? Number(SchemaNode schema, ScalarNode scalar, string path)
    {
        var whole = schema.Type == "integer";
        if (scalar.Kind != ScalarKind.Integer && (whole || scalar.Kind != ScalarKind.Number))
        {
            var wanted = whole ? "a whole number" : "a number";
            return Refuse(path, Invariant($"must be {wanted} from {schema.Minimum} to {schema.Maximum}, without quotes"));
        }
        var value = double.Parse(scalar.Text, CultureInfo.InvariantCulture);
        if (value < schema.Minimum || value > schema.Maximum)
            return Refuse(path, Invariant($"must be from {schema.Minimum} to {schema.Maximum}"));
        return whole ? JsonValue.Create((long)value) : JsonValue.Create(value);
    }

    private JsonValue? Refuse(string path, string problem)
    {
        findings.Add(path, problem);
        return null;
    }

    // Kubernetes counts Unicode characters, not UTF-16 units.
    private static int Characters(string text) => text.EnumerateRunes().Count();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
