using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Contracts.Tests;

/// <summary>
/// <c>testdata/CASE/input.yaml</c> is read and must give <c>expected.json</c>: for each document its key, its errors in full, what is not
/// supported, and the canonical manifest of a valid one. A new case is a new folder; HEALTHTRACK_UPDATE_GOLDEN=1 writes what is expected.
/// </summary>
public class GoldenTests
{
    private static readonly string Folder = Repository.File("tests", "Contracts", "testdata");

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string[] CaseNames { get; } = [.. Directory.GetDirectories(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Cases => [.. CaseNames];

    [Theory, MemberData(nameof(Cases))]
    public void Read_Case_GivesWhatIsExpected(string name)
    {
        var expected = Path.Combine(Folder, name, "expected.json");
        var actual = new JsonArray([.. Documents(name).Select(Describe)]).ToJsonString(Readable) + "\n";
        if (Repository.UpdateGolden)
            File.WriteAllText(expected, actual);

        Assert.Equal(File.ReadAllText(expected), actual);
    }

    // Where monitors alone are read, a pool or a channel is a stranger: most cases are of that kind.
    internal static IReadOnlyList<ManifestDocument> Documents(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name, "input.yaml"));
        return name.Split('-')[0] is "pools" or "channels" ? ManifestReader.ReadAll(text, name) : ManifestReader.Read(text, name);
    }

    private static JsonNode Describe(ManifestDocument document)
    {
        var described = new JsonObject { ["line"] = document.Line, ["key"] = document.Key?.ToString() };
        if (document.IsForeign)
            described["foreign"] = true;
        if (document.Errors.Count > 0)
            described["errors"] = new JsonArray([.. document.Errors.Select(e => JsonValue.Create(e.ToString()))]);
        if (document.Monitor is { } monitor)
            described["notSupported"] = new JsonArray([.. NotSupportedFields.Of(monitor).Select(p => JsonValue.Create(p))]);
        if (document.Resource is not null)
            described["manifest"] = JsonNode.Parse(document.Manifest);
        return described;
    }
}
