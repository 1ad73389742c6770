using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>Every field of the schemas below <c>spec</c> and <c>status</c> with its kind and path; entries of lists end in <c>[]</c>.</summary>
internal static class SchemaFields
{
    public static IReadOnlyList<(string Kind, string Path, SchemaNode Schema)> All { get; } = [.. ResourceKind.All.SelectMany(Of)];

    public static IEnumerable<(string Kind, string Path, SchemaNode Schema)> Of(ResourceKind kind) =>
        Below("spec", kind.Spec).Concat(Below("status", kind.Status)).Select(f => (kind.Name, f.Path, f.Schema));

    private static IEnumerable<(string Path, SchemaNode Schema)> Below(string path, SchemaNode schema)
    {
        yield return (path, schema);
        foreach (var field in schema.Properties.SelectMany(p => Below($"{path}.{p.Name}", p.Schema)))
            yield return field;
        if (schema.Items is not null)
        {
            foreach (var field in Below($"{path}[]", schema.Items))
                yield return field;
        }
    }
}
