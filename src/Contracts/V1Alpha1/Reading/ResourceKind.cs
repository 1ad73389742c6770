using System.Text.Json;
using System.Text.Json.Nodes;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>One kind of resource that a manifest may declare: its schema, the record that it is read into, and the rules between its fields.</summary>
internal sealed class ResourceKind
{
    private readonly string _plural;
    private readonly Func<JsonObject, object?> _bind;
    private readonly Action<object, Findings> _check;

    private ResourceKind(string name, string plural, Func<JsonObject, object?> bind, Action<object, Findings> check)
    {
        (Name, _plural, _bind, _check) = (name, plural, bind, check);
        Root = Load();
    }

    public static ResourceKind ServiceMonitor { get; } = Of<ServiceMonitor>(V1Alpha1.ServiceMonitor.KindName, "servicemonitors", ServiceMonitorRules.Check);

    public static ResourceKind ProbePool { get; } = Of<ProbePool>(V1Alpha1.ProbePool.KindName, "probepools", ProbePoolRules.Check);

    public static ResourceKind NotificationChannel { get; } =
        Of<NotificationChannelResource>(NotificationChannelResource.KindName, "notificationchannels", NotificationChannelRules.Check);

    /// <summary>What is read where monitors are asked for.</summary>
    public static IReadOnlyList<ResourceKind> Monitors { get; } = [ServiceMonitor];

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<ResourceKind> All { get; } = [ServiceMonitor, ProbePool, NotificationChannel];

    /// <summary><c>metadata</c>, which a CRD leaves to Kubernetes: what people may write there.</summary>
    public static SchemaNode Metadata { get; } = new()
    {
        Type = "object",
        Required = ["name"],
        Properties =
        [
            ("name", new()
            {
                Type = "string", MinLength = 1, MaxLength = 253, Pattern = Patterns.Subdomain,
                Description = "Name of the resource, unique among its kind in its namespace.",
            }),
            ("namespace", new()
            {
                Type = "string", MinLength = 1, MaxLength = 63, Pattern = Patterns.Label,
                Description = "Its namespace. Secrets and channels are looked up there. Default: default.",
            }),
            ("labels", new()
            {
                Type = "object", MaxProperties = 128, AdditionalProperties = new() { Type = "string", MaxLength = 63, Pattern = Patterns.LabelValue },
                Description = "Labels, for selecting and filtering, by Kubernetes' rules.",
            }),
            ("annotations", new()
            {
                Type = "object", MaxProperties = 256, AdditionalProperties = new() { Type = "string", MaxLength = 262144 },
                Description = "Annotations: any text, 256 KiB together.",
            }),
        ],
    };

    /// <summary>As in a manifest's <c>kind</c>.</summary>
    public string Name { get; }

    /// <summary>The whole resource, from the embedded CustomResourceDefinition.</summary>
    public SchemaNode Root { get; }

    /// <summary><c>spec</c>.</summary>
    public SchemaNode Spec => Root.Property("spec")!;

    /// <summary><c>status</c>.</summary>
    public SchemaNode Status => Root.Property("status")!;

    private string Resource => $"crd/sre.healthtrack.io_{_plural}.yaml";

    /// <summary>The text of the embedded CustomResourceDefinition.</summary>
    public string Text()
    {
        using var stream = typeof(ResourceKind).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads what the walker let through into the kind's record, and holds it against the rules between fields.</summary>
    /// <returns>Null where it cannot be read, of which something was said before.</returns>
    public object? Bind(JsonObject json, Findings findings)
    {
        object? resource;
        try
        {
            resource = _bind(json);
        }
        // Only a document that is already refused may fail to bind; in a sound one that is a bug of ours.
        catch (JsonException) when (findings.Any)
        {
            return null;
        }
        if (resource is not null)
            _check(resource, findings);
        return resource;
    }

    private static ResourceKind Of<T>(string name, string plural, Action<T, Findings> check)
        where T : class =>
        new(name, plural, json => json.Deserialize<T>(ServiceMonitorJson.WithHoles), (resource, findings) => check((T)resource, findings));

    private SchemaNode Load()
    {
        var crd = YamlNodes.Read(Text(), firstLine: 1).Single();
        var version = ((ListNode)Find(crd, "spec", "versions")).Items.Single();
        return SchemaNode.Of(Find(version, "schema", "openAPIV3Schema"));
    }

    private ManifestNode Find(ManifestNode node, params string[] path) =>
        path.Aggregate(node, (at, key) => ((MapNode)at).Find(key) ?? throw new FormatException($"{Resource} has no {key}."));
}
