using System.Text.RegularExpressions;
using HealthTrack.Contracts.V1Alpha1.Reading;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.Tests;

public partial class SchemaTests
{
    private static readonly List<(string? Kind, FieldError Error)> GoldenErrors =
        [.. GoldenTests.CaseNames.SelectMany(GoldenTests.Documents).SelectMany(d => d.Errors.Select(e => (d.Kind, e)))];

    public static TheoryData<string, string, string> Rules =>
    [
        .. SchemaFields.All.SelectMany(f => f.Schema.Rules.Select(r => (f.Kind, f.Path, r.Message))),
        .. ResourceKind.All.SelectMany(k => k.Root.Rules.Select(r => (k.Name, "", r.Message))),
    ];

    [Fact]
    public void Schema_EveryTextListAndNumber_IsBounded() => Assert.Empty(
        SchemaFields.All.Where(f => f.Schema.Type switch
        {
            "string" => f.Schema.MaxLength is null && f.Schema.Enum.Count == 0 && f.Schema.Format != "date-time",
            "array" => f.Schema.MaxItems is null,
            "object" => f.Schema.AdditionalProperties is not null && f.Schema.MaxProperties is null,
            "integer" or "number" => f.Schema.Minimum is null || f.Schema.Maximum is null,
            _ => false,
        }).Select(f => $"{f.Kind} {f.Path}"));

    [Fact]
    public void Schema_EveryField_IsDescribed() => Assert.Empty(
        SchemaFields.All.Where(f => f.Schema.Description.Length < 3 || !f.Schema.Description.EndsWith('.')).Select(f => $"{f.Kind} {f.Path}"));

    [Fact]
    public void Schema_EveryPattern_SpansTheWholeTextAndHasWords() => Assert.Empty(
        SchemaFields.All
            .Where(f => f.Path.StartsWith("spec", StringComparison.Ordinal) && f.Schema.Pattern is { } p && !(p[0] == '^' && p[^1] == '$' && Patterns.HasMeaning(p)))
            .Select(f => $"{f.Path}: {f.Schema.Pattern}"));

    [Fact]
    public void Schema_EveryDefault_IsValid()
    {
        var findings = new Findings();
        foreach (var (_, path, schema) in SchemaFields.All.Where(f => f.Schema.Default is not null))
            new SchemaWalker(findings).Walk(schema, schema.Default!, path);

        Assert.Empty(findings.ToErrors());
    }

    // A default is checked against the rules before the defaults inside it are filled in: it must be whole.
    [Fact]
    public void Schema_EveryDefaultOfAnObject_IsWrittenOutInFull() => Assert.Empty(
        SchemaFields.All
            .Where(f => f.Schema is { Type: "object", Default: MapNode } && ((MapNode)f.Schema.Default!).Entries.Count != f.Schema.Properties.Count)
            .Select(f => f.Path));

    /// <summary>Each rule that the schema has in CEL is refused by the reader too, at the same field and in the same words.</summary>
    [Theory, MemberData(nameof(Rules))]
    public void Read_EachCelRuleBroken_SaysTheSameAsTheApiServer(string kind, string path, string message) =>
        Assert.Contains(GoldenErrors, e => e.Kind == kind && Says(e.Error, path, message));

    private static bool Says(FieldError error, string path, string message)
    {
        var field = Index().Replace(error.Path, "[]");
        if (path.Length > 0 && field != path && !field.StartsWith(path + ".", StringComparison.Ordinal))
            return false;
        // The API server names the field that has the rule, the reader the one that is at fault: "timeout must be ..." of spec.
        var below = field[path.Length..].TrimStart('.');
        return error.Problem.StartsWith(message, StringComparison.Ordinal) || $"{below} {error.Problem}".StartsWith(message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\[[0-9]+\]")]
    private static partial Regex Index();
}
