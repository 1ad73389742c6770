using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>Every field of the schema below <c>spec</c> and <c>status</c> with its path; entries of lists end in <c>[]</c>.</summary>
internal static class SchemaFields
{
    public static IReadOnlyList<(string Path, SchemaNode Schema)> All { get; } =
        [.. Below("spec", ServiceMonitorSchema.Spec), .. Below("status", ServiceMonitorSchema.Root.Property("status")!)];

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
