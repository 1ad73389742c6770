using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Xml.Linq;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.Events;

namespace HealthTrack.Contracts.Tests;

/// <summary>Holds docs/events against the records: a consumer reads there what the topics carry. HEALTHTRACK_UPDATE_GOLDEN=1 writes it anew.</summary>
public sealed class EventSchemaTests
{
    private static readonly Dictionary<string, Type> Contents = new()
    {
        [EventTopics.Checks] = typeof(CheckEvent), [EventTopics.Changes] = typeof(HealthChangeEvent), [EventTopics.Alerts] = typeof(AlertEvent),
    };

    public static TheoryData<string> Topics => [.. EventTopics.All];

    [Theory]
    [MemberData(nameof(Topics))]
    public void Schema_OfATopic_IsThatOfItsRecord(string topic)
    {
        var file = Repository.File("docs", "events", $"{topic}.schema.json");
        var schema = Schema(topic).ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        if (Repository.UpdateGolden)
            File.WriteAllText(file, schema);

        Assert.Equal(File.ReadAllText(file), schema);
    }

    private static JsonObject Schema(string topic)
    {
        var type = Contents[topic];
        var docs = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!, Text);
        // Events hold numbers as numbers; the API's options let a client write them as text too.
        var options = new JsonSerializerOptions(ApiJson.Options) { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict };
        var schema = options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property })
                    return node;
                var field = node as JsonObject ?? []; // A type with a converter of its own is anything to the exporter.
                field.Insert(0, "description", docs[$"P:{type.FullName}.{property.Name}"]);
                if (property.PropertyType == typeof(DateTimeOffset) || property.PropertyType == typeof(DateTimeOffset?))
                    (field["type"], field["format"]) = (property.PropertyType == typeof(DateTimeOffset) ? "string" : new JsonArray("string", "null"), "date-time");
                return field;
            },
        }).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "$id", $"{topic}.schema.json");
        schema.Insert(2, "title", EventTopics.TypeOf(topic));
        schema.Insert(3, "description", docs[$"T:{type.FullName}"]);
        // A newer HealthTrack may say more.
        schema["additionalProperties"] = true;
        return schema;
    }

    private static string Text(XElement member) => string.Join(
        ' ', string.Concat(member.Element("summary")?.Nodes().Select(n => n is XElement { Name.LocalName: "see" } see ? ((string)see.Attribute("cref")!).Split('.')[^1] : n is XElement e ? e.Value : n.ToString()) ?? [])
            .Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
}
