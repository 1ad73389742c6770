using System.Text.Json;

namespace HealthTrack.Engine.Api.Security;

/// <summary>
/// Finds the Secrets that a manifest names. It goes by the names of the fields, <c>secretKeyRef</c>, <c>caSecretRef</c> and so on, wherever they are, so
/// that a field that is added to the definition later is not forgotten here.
/// </summary>
internal static class SecretNames
{
    /// <summary>The names, each once.</summary>
    /// <param name="manifest">A valid manifest as JSON.</param>
    public static IReadOnlyCollection<string> In(string manifest)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(manifest);
        if (document.RootElement.TryGetProperty("spec", out var spec))
            Collect(spec, names);
        return names;
    }

    private static void Collect(JsonElement element, SortedSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, names);
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var field in element.EnumerateObject())
        {
            if (IsReference(field.Name) && field.Value.ValueKind == JsonValueKind.Object
                && field.Value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                names.Add(name.GetString()!);
            Collect(field.Value, names);
        }
    }

    private static bool IsReference(string field) =>
        field.EndsWith("secretRef", StringComparison.OrdinalIgnoreCase) || field.EndsWith("secretKeyRef", StringComparison.OrdinalIgnoreCase);
}
