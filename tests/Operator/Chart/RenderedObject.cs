using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>An object as helm rendered it.</summary>
internal sealed record RenderedObject(JsonObject Json)
{
    public string ApiVersion => (string)Json["apiVersion"]!;

    public string Kind => (string)Json["kind"]!;

    public string Name => (string)Json["metadata"]!["name"]!;

    public string? Namespace => (string?)Json["metadata"]!["namespace"];

    /// <summary>The pod that it is or makes; null for what makes none.</summary>
    public JsonObject? Pod => Kind switch
    {
        "Pod" => Json["spec"]!.AsObject(),
        "Deployment" => Json["spec"]!["template"]!["spec"]!.AsObject(),
        _ => null,
    };

    public override string ToString() => $"{Kind} {Name}";

    /// <summary>The documents of a stream, without empty ones.</summary>
    public static List<RenderedObject> Read(string yaml) =>
        [.. Documents(yaml).OfType<JsonObject>().Select(json => new RenderedObject(json))];

    /// <summary>A single document.</summary>
    public static JsonObject ReadOne(string yaml) => Documents(yaml).Single()!.AsObject();

    private static IEnumerable<JsonNode?> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        // Through its text, so that a number is read as whatever is asked for.
        return stream.Documents.Select(d => JsonNode.Parse(Convert(d.RootNode)?.ToJsonString() ?? "null"));
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Convert(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new InvalidOperationException($"{node.NodeType} is not YAML that a chart makes."),
    };

    // As helm's own YAML reader takes them; octal is what a volume's mode is written in.
    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when text.Length > 1 && text[0] == '0' && text.All(c => c is >= '0' and <= '7') => JsonValue.Create(System.Convert.ToInt64(text, 8)),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ when double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
        _ => JsonValue.Create(text),
    };
}
