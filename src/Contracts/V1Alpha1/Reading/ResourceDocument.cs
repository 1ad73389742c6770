using System.Text.Json.Nodes;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Reads one document: of which kind is it, does it keep to the schema, does it keep to the rules between fields.</summary>
internal static class ResourceDocument
{
    // What a cluster adds to an object, and an exported manifest therefore holds: accepted and dropped.
    private static readonly HashSet<string> ServerSide = new(StringComparer.Ordinal)
    {
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName", "generation", "managedFields",
        "ownerReferences", "resourceVersion", "selfLink", "uid",
    };

    /// <param name="node">The document.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="line">The line that it begins in, where the node does not know.</param>
    /// <param name="defaultNamespace">The namespace of one that names none.</param>
    /// <param name="kinds">What it may be; the first is what a document without a kind is taken for.</param>
    public static ManifestDocument Read(ManifestNode node, string origin, int line, string defaultNamespace, IReadOnlyList<ResourceKind> kinds)
    {
        var findings = new Findings();
        line = node.Line > 0 ? node.Line : line;
        findings.Locate("", node.Line);
        var empty = new ManifestDocument { Origin = origin, Line = line };
        if (node is not MapNode root)
        {
            findings.Add("", $"is {node.Noun}, not a {Names(kinds)}: begin with apiVersion: {ServiceMonitor.GroupVersion}");
            return empty with { Errors = findings.ToErrors() };
        }
        if (KindOf(root, findings, kinds) is not { } kind)
            return Named(empty, root, defaultNamespace) with { Errors = findings.ToErrors(), IsForeign = !Misspelt(root, kinds) };
        var resource = ReadResource(kind, root, findings, defaultNamespace);
        return Named(empty, root, defaultNamespace) with
        {
            Kind = kind.Name,
            Resource = findings.Any ? null : resource,
            Errors = findings.ToErrors(),
            Manifest = CanonicalManifest.Write(kind, root, defaultNamespace),
        };
    }

    // A missing apiVersion or kind is one mistake among others; a foreign one means that nothing else here is ours to judge.
    private static ResourceKind? KindOf(MapNode root, Findings findings, IReadOnlyList<ResourceKind> kinds)
    {
        var version = (root.Find("apiVersion") as ScalarNode)?.Text;
        var kind = (root.Find("kind") as ScalarNode)?.Text;
        if (version is null)
            findings.Add("apiVersion", $"is required: write apiVersion: {ServiceMonitor.GroupVersion}");
        if (kind is null)
            findings.Add("kind", $"is required: write kind: {Names(kinds)}");
        if (version is null or ServiceMonitor.GroupVersion && (kind is null ? kinds[0] : kinds.FirstOrDefault(k => k.Name == kind)) is { } found)
            return found;
        var field = version is null or ServiceMonitor.GroupVersion ? "kind" : "apiVersion";
        var what = $"{FieldPath.Clean(version ?? "?")}, kind {FieldPath.Clean(kind ?? "?")}";
        findings.Add(field, $"is {what}: only {ServiceMonitor.GroupVersion}, kind {Names(kinds)} is read here", root.Find(field)!.Line);
        return null;
    }

    private static string Names(IReadOnlyList<ResourceKind> kinds) => string.Join(" or ", kinds.Select(k => k.Name));

    // A slip of the hand in the kind leaves a monitor, which its owner will look for.
    private static bool Misspelt(MapNode root, IReadOnlyList<ResourceKind> kinds) =>
        root.Find("apiVersion") is null or ScalarNode { Text: ServiceMonitor.GroupVersion }
        && root.Find("kind") is ScalarNode { Text: var kind }
        && Suggestions.Nearest([.. kinds.Select(k => k.Name)], kind) is not null;

    private static object? ReadResource(ResourceKind kind, MapNode root, Findings findings, string defaultNamespace)
    {
        foreach (var duplicate in root.Duplicates)
            findings.Add(FieldPath.Child("", duplicate.Key), "is given twice: keep one", duplicate.Line);
        foreach (var (key, line, _) in root.Entries)
        {
            findings.Locate(FieldPath.Child("", key), line);
            if (key is not ("apiVersion" or "kind" or "metadata" or "spec" or "status"))
                findings.Add(FieldPath.Child("", key), Unknown(kind, key), line);
        }
        var walker = new SchemaWalker(findings);
        var json = new JsonObject
        {
            ["metadata"] = Part(walker, findings, root, "metadata", ResourceKind.Metadata, WithoutServerSide),
            ["spec"] = Part(walker, findings, root, "spec", kind.Spec, spec => spec),
        };
        if (json["metadata"] is JsonObject metadata)
            metadata["namespace"] ??= findings.Broken("metadata.namespace") ? null : defaultNamespace;
        return kind.Bind(json, findings);
    }

    private static JsonNode? Part(
        SchemaWalker walker, Findings findings, MapNode root, string name, SchemaNode schema, Func<MapNode, ManifestNode> prepare)
    {
        switch (root.Find(name))
        {
            case null or ScalarNode { Kind: ScalarKind.Null }:
                findings.Add(name, "is required");
                return null;
            case MapNode map:
                return walker.Walk(schema, prepare(map), name);
            case var other:
                return walker.Walk(schema, other, name);
        }
    }

    private static MapNode WithoutServerSide(MapNode metadata)
    {
        var entries = metadata.Entries
            .Where(e => !ServerSide.Contains(e.Key))
            // Programs write null for maps that are empty.
            .Where(e => !(e.Key is "labels" or "annotations" or "namespace" && e.Value is ScalarNode { Kind: ScalarKind.Null }))
            .Select(e => e is { Key: "annotations", Value: MapNode annotations } ? e with { Value = WithoutLastApplied(annotations) } : e);
        return new MapNode(metadata.Line, [.. entries], metadata.Duplicates);
    }

    private static MapNode WithoutLastApplied(MapNode annotations) =>
        new(annotations.Line, [.. annotations.Entries.Where(e => e.Key != CanonicalManifest.LastApplied)], annotations.Duplicates);

    private static ManifestDocument Named(ManifestDocument document, MapNode root, string defaultNamespace)
    {
        var metadata = root.Find("metadata") as MapNode;
        var space = metadata?.Find("namespace");
        return document with
        {
            Name = Valid("name", metadata?.Find("name")),
            Namespace = space is null or ScalarNode { Kind: ScalarKind.Null } ? defaultNamespace : Valid("namespace", space),
        };
    }

    private static string? Valid(string field, ManifestNode? node)
    {
        var quiet = new Findings();
        return node is null ? null : (string?)new SchemaWalker(quiet).Walk(ResourceKind.Metadata.Property(field)!, node, field);
    }

    private static string Unknown(ResourceKind kind, string key) => Suggestions.Nearest(["apiVersion", "kind", "metadata", "spec", "status"], key) is { } suggestion
        ? $"is not a known field: did you mean {suggestion}?"
        : kind.Spec.Property(key) is not null
            ? $"is not a known field: did you mean spec.{key}?"
            : "is not a known field: the fields here are apiVersion, kind, metadata, spec";
}
