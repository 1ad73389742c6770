namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>The schemas that a manifest is held against.</summary>
internal static class ServiceMonitorSchema
{
    private const string Resource = "crd/sre.healthtrack.io_servicemonitors.yaml";

    /// <summary>The whole resource, from the embedded CustomResourceDefinition.</summary>
    public static SchemaNode Root { get; } = Load();

    /// <summary><c>spec</c>.</summary>
    public static SchemaNode Spec { get; } = Root.Property("spec")!;

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
                Description = "Name of the monitor, unique in its namespace.",
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

    /// <summary>The text of the embedded CustomResourceDefinition.</summary>
    public static string Text()
    {
        using var stream = typeof(ServiceMonitorSchema).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static SchemaNode Load()
    {
        var crd = YamlNodes.Read(Text(), firstLine: 1).Single();
        var version = ((ListNode)Find(crd, "spec", "versions")).Items.Single();
        return SchemaNode.Of(Find(version, "schema", "openAPIV3Schema"));
    }

    private static ManifestNode Find(ManifestNode node, params string[] path) =>
        path.Aggregate(node, (at, key) => ((MapNode)at).Find(key) ?? throw new FormatException($"{Resource} has no {key}."));
}
