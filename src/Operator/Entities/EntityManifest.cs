using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using k8s.Models;

namespace HealthTrack.Operator.Entities;

/// <summary>Writes what people declared of a resource as the manifest that the strict reader reads.</summary>
internal static class EntityManifest
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The manifest.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="metadata">Its metadata, of which what a cluster adds is left out.</param>
    /// <param name="spec">Its spec as it came; null where there is none.</param>
    public static string Write(string kind, V1ObjectMeta metadata, JsonElement? spec)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", ServiceMonitor.GroupVersion);
            writer.WriteString("kind", kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", metadata.Name);
            writer.WriteString("namespace", metadata.NamespaceProperty);
            WriteMap(writer, "labels", metadata.Labels);
            WriteMap(writer, "annotations", metadata.Annotations);
            writer.WriteEndObject();
            if (spec is { ValueKind: not JsonValueKind.Undefined } written)
            {
                writer.WritePropertyName("spec");
                written.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IDictionary<string, string>? map)
    {
        if (map is not { Count: > 0 })
            return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }
}
