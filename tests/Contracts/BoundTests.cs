using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>
/// Breaks every bound of every field of the schema, one at a time, in the manifests of <c>testdata/full</c>, <c>pools-full</c> and <c>channels-full</c>, and sees each refused at its own
/// path. A field that no manifest there has fails the test, so a new field needs an example.
/// </summary>
public class BoundTests
{
    private static readonly List<JsonNode> Manifests = [.. Full().Select(d => JsonNode.Parse(d.Manifest)!)];

    public static TheoryData<string, string> Fields =>
        [.. SchemaFields.All.Where(f => f.Path.StartsWith("spec", StringComparison.Ordinal)).Select(f => (f.Kind, f.Path))];

    [Fact]
    public void Read_FullManifests_AreValid() => Assert.Empty(Full().SelectMany(d => d.Errors));

    [Theory, MemberData(nameof(Fields))]
    public void Read_BoundOfFieldBroken_IsRefusedAtTheField(string kind, string path)
    {
        var schema = SchemaFields.All.First(f => f.Kind == kind && f.Path == path).Schema;
        var (manifest, concrete) = Manifests.Where(m => (string?)m["kind"] == kind).Select(m => (m, Locate(m, path))).FirstOrDefault(f => f.Item2 is not null);
        Assert.True(manifest is not null, $"No manifest in testdata/full has {path}.");

        foreach (var (what, value, at) in Violations(schema, At(manifest, concrete!)!))
        {
            var broken = manifest.DeepClone();
            Put(broken, concrete!, value?.DeepClone());
            var document = Assert.Single(ManifestReader.ReadAll(broken.ToJsonString(), path));

            Assert.True(document.Errors.Any(e => e.Path == concrete + at), $"{what} at {concrete + at}: {string.Join("; ", document.Errors)}");
            Assert.Null(document.Resource);
        }
    }

    private static IEnumerable<ManifestDocument> Full() => GoldenTests.Documents("full").Concat(GoldenTests.Documents("pools-full")).Concat(GoldenTests.Documents("channels-full"));

    private static IEnumerable<(string What, JsonNode? Value, string At)> Violations(SchemaNode schema, JsonNode value)
    {
        yield return ("wrong type", schema.Type is "string" or "integer" or "number" or "boolean" ? new JsonObject() : JsonValue.Create("x"), "");
        if (schema.Default is null)
            yield return ("null", null, "");
        switch (schema.Type)
        {
            case "object":
                yield return ("unknown field", With(value, "zzqq", 1), ".zzqq");
                foreach (var name in schema.Required)
                    yield return ("missing field", Without(value, name), $".{name}");
                break;
            case "array":
                yield return ("too many", new JsonArray([.. Enumerable.Range(0, schema.MaxItems!.Value + 1).Select(_ => value[0]!.DeepClone())]), "");
                if (schema.MinItems > 0)
                    yield return ("too few", new JsonArray(), "");
                if (schema.ListType != "atomic")
                    yield return ("twice", new JsonArray(value[0]!.DeepClone(), value[0]!.DeepClone()), schema.ListType == "map" ? $"[1].{schema.ListMapKeys[0]}" : "[1]");
                break;
            case "string":
                yield return ("number for text", 1, "");
                if (schema.Enum.Count > 0)
                    yield return ("not in enum", "zzqq", "");
                if (schema.MaxLength is { } length)
                    yield return ("too long", new string('a', length + 1), "");
                if (schema.MinLength > 0)
                    yield return ("empty", "", "");
                if (schema.Pattern is not null)
                    yield return ("against pattern", "\u0001\n", "");
                break;
            case "integer" or "number":
                yield return ("too small", schema.Minimum!.Value - 1, "");
                yield return ("too large", schema.Maximum!.Value + 1, "");
                yield return ("quoted", "1", "");
                break;
        }
        if (schema.Type == "integer")
            yield return ("fraction", 1.5, "");
        if (schema.Type == "boolean")
            yield return ("quoted", "true", "");
    }

    private static JsonNode With(JsonNode map, string name, JsonNode value)
    {
        var changed = map.DeepClone();
        changed[name] = value;
        return changed;
    }

    private static JsonNode Without(JsonNode map, string name)
    {
        var changed = map.DeepClone();
        changed.AsObject().Remove(name);
        return changed;
    }

    // The path with the indexes of the first entries that have the field: spec.http.headers[].valueFrom is at headers[1].
    private static string? Locate(JsonNode root, string path)
    {
        var found = new List<string> { "" };
        foreach (var step in path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.'))
        {
            found = [.. found.SelectMany(at => step == "[]"
                ? Enumerable.Range(0, At(root, at)!.AsArray().Count).Select(i => $"{at}[{i}]")
                : At(root, at)![step] is null ? [] : new[] { at.Length == 0 ? step : $"{at}.{step}" })];
        }
        return found.FirstOrDefault();
    }

    private static JsonNode? At(JsonNode root, string path) => Steps(path).Aggregate((JsonNode?)root, Step);

    private static void Put(JsonNode root, string path, JsonNode? value)
    {
        var steps = Steps(path);
        var parent = steps[..^1].Aggregate((JsonNode?)root, Step)!;
        if (parent is JsonArray list)
            list[int.Parse(steps[^1], null)] = value;
        else
            parent[steps[^1]] = value;
    }

    private static JsonNode? Step(JsonNode? at, string step) => at is JsonArray list ? list[int.Parse(step, null)] : at![step];

    private static string[] Steps(string path) => path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries);
}
