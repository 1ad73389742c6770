using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// Writes a manifest as it was given, in one form: JSON without blanks, fields in the order of the schema, labels and annotations by name, no
/// defaults, no nulls, no status and nothing that a cluster adds. Equal manifests give equal text.
/// </summary>
internal static class CanonicalManifest
{
    /// <summary>What <c>kubectl apply</c> leaves behind: a copy of the manifest itself.</summary>
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    // The text is stored and sent as JSON, never pasted into HTML: letters stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Kept = ["name", "namespace", "labels", "annotations"];

    /// <param name="kind">What it is.</param>
    /// <param name="root">A document of this kind, whether valid or not.</param>
    /// <param name="defaultNamespace">The namespace of one that names none.</param>
    public static string Write(ResourceKind kind, MapNode root, string defaultNamespace)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", ServiceMonitor.GroupVersion);
            writer.WriteString("kind", kind.Name);
            WriteMetadata(writer, root.Find("metadata") as MapNode, defaultNamespace);
            if (root.Find("spec") is { } spec && !IsNull(spec))
            {
                writer.WritePropertyName("spec");
                WriteNode(writer, kind.Spec, spec);
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteMetadata(Utf8JsonWriter writer, MapNode? metadata, string defaultNamespace)
    {
        writer.WriteStartObject("metadata");
        foreach (var field in Kept)
        {
            var value = metadata?.Find(field);
            if (field == "namespace" && (value is null || IsNull(value)))
            {
                writer.WriteString(field, defaultNamespace);
            }
            else if (value is not null && !IsNull(value))
            {
                writer.WritePropertyName(field);
                WriteNode(writer, ResourceKind.Metadata.Property(field), value);
            }
        }
        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, SchemaNode? schema, ManifestNode node)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var (key, _, value) in Ordered(schema, map))
                {
                    if (IsNull(value) || key == LastApplied)
                        continue;
                    writer.WritePropertyName(key);
                    WriteNode(writer, schema?.Property(key) ?? schema?.AdditionalProperties, value);
                }
                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    WriteNode(writer, schema?.Items, item);
                writer.WriteEndArray();
                break;
            case ScalarNode { Kind: ScalarKind.Text } scalar:
                writer.WriteStringValue(scalar.Text);
                break;
            case ScalarNode scalar:
                writer.WriteRawValue(scalar.Text);
                break;
        }
    }

    // Known fields as the schema has them, the rest by name.
    private static IEnumerable<MapEntry> Ordered(SchemaNode? schema, MapNode map)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, _) in schema?.Properties ?? [])
            order[name] = order.Count;
        return map.Entries.OrderBy(e => order.GetValueOrDefault(e.Key, int.MaxValue)).ThenBy(e => e.Key, StringComparer.Ordinal);
    }

    private static bool IsNull(ManifestNode node) => node is ScalarNode { Kind: ScalarKind.Null };
}
