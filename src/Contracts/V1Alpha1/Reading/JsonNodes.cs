using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Reads one JSON value into nodes. They carry no lines: manifests in JSON come from programs, on one line as a rule.</summary>
internal static class JsonNodes
{
    /// <returns>False where the text is no JSON; it may still be YAML in its flow style.</returns>
    /// <exception cref="ManifestSyntaxException">The text is JSON, but beyond a limit or with a text that is no Unicode.</exception>
    public static bool TryRead(string text, out ManifestNode node)
    {
        node = null!;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = ManifestLimits.Depth + 1 });
            if (!reader.Read())
                return false;
            var root = ReadNode(ref reader);
            if (reader.Read())
                return false;
            node = root;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        // A lone surrogate in an escape.
        catch (InvalidOperationException)
        {
            throw new ManifestSyntaxException("holds half a surrogate pair, which is no character", 0);
        }
    }

    private static ManifestNode ReadNode(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(ref reader);
            case JsonTokenType.StartArray:
                var items = new List<ManifestNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadNode(ref reader));
                return new ListNode(0, items);
            case JsonTokenType.String:
                return new ScalarNode(0, ScalarKind.Text, reader.GetString()!);
            case JsonTokenType.Number:
                return Number(ref reader);
            case JsonTokenType.True:
                return new ScalarNode(0, ScalarKind.Bool, "true");
            case JsonTokenType.False:
                return new ScalarNode(0, ScalarKind.Bool, "false");
            default:
                return new ScalarNode(0, ScalarKind.Null, "null");
        }
    }

    private static MapNode ReadMap(ref Utf8JsonReader reader)
    {
        var entries = new List<MapEntry>();
        var duplicates = new List<MapEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            var entry = new MapEntry(key, 0, ReadNode(ref reader));
            (seen.Add(key) ? entries : duplicates).Add(entry);
        }
        return new MapNode(0, entries, duplicates);
    }

    private static ScalarNode Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
            return new ScalarNode(0, ScalarKind.Integer, integer.ToString(CultureInfo.InvariantCulture));
        if (!reader.TryGetDouble(out var number) || !double.IsFinite(number))
            throw new JsonException();
        // 5.0 is a whole number to JSON and to Kubernetes.
        return number == Math.Floor(number) && Math.Abs(number) < 1e15
            ? new ScalarNode(0, ScalarKind.Integer, ((long)number).ToString(CultureInfo.InvariantCulture))
            : new ScalarNode(0, ScalarKind.Number, number.ToString("R", CultureInfo.InvariantCulture));
    }
}
