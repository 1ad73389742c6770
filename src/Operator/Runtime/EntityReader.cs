using System.Text.Json;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>Reads objects one by one out of what the API server sends, so that one that cannot be read does not take the others with it.</summary>
internal static class EntityReader
{
    /// <summary>The object in <paramref name="json"/>.</summary>
    /// <exception cref="JsonException">It is no such object; the message says why.</exception>
    public static T Read<T>(JsonElement json, ResourceDefinition definition)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        T? entity;
        try
        {
            entity = KubernetesJson.Deserialize<T>(json);
        }
        // The converters of some fields throw what their parsers throw.
        catch (Exception e) when (e is FormatException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            throw new JsonException(e.Message, e);
        }
        if (entity?.Metadata is not { Name.Length: > 0 } metadata)
            throw new JsonException("it has no metadata.name");
        // The history of each field is as large as the object and of no use here.
        metadata.ManagedFields = null;
        // The items of a list of a built-in kind do not say what they are.
        entity.ApiVersion ??= definition.ApiVersion;
        entity.Kind ??= definition.Kind;
        return entity;
    }

    /// <summary>The name of an object, whatever the rest of it looks like; null where it has none.</summary>
    public static ResourceKey? KeyOf(JsonElement json) => Metadata(json, "name") is { Length: > 0 } name ? new ResourceKey(Metadata(json, "namespace") ?? "", name) : null;

    /// <summary>The version of an object, whatever the rest of it looks like; null where it has none.</summary>
    public static string? VersionOf(JsonElement json) => Metadata(json, "resourceVersion");

    private static string? Metadata(JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
