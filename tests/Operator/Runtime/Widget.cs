using System.Text.Json.Nodes;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Tests.Runtime;

/// <summary>A kind of the tests' own.</summary>
public sealed class Widget : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = null!;

    public string Kind { get; set; } = null!;

    public V1ObjectMeta Metadata { get; set; } = null!;

    public WidgetSpec? Spec { get; set; }
}

public sealed class WidgetSpec
{
    public int Size { get; set; }
}

/// <summary>The kind under an API group that no other test has, and its objects in one namespace.</summary>
internal sealed class Widgets(KubernetesApiServer server, string ns)
{
    private static int _groups;

    public ResourceDefinition Definition { get; } = new($"t{Interlocked.Increment(ref _groups)}.example.com", "v1", "Widget", "widgets");

    public string Namespace => ns;

    public static async Task<Widgets> DefineAsync(KubernetesApiServer server, CancellationToken cancellationToken)
    {
        var widgets = new Widgets(server, await server.CreateNamespaceAsync(cancellationToken));
        await widgets.DefineAsync(cancellationToken);
        return widgets;
    }

    /// <summary>Applies the definition, and waits until the kind is served.</summary>
    public async Task DefineAsync(CancellationToken cancellationToken)
    {
        var crd = $$"""
            {"metadata":{"name":"widgets.{{Definition.Group}}"},"spec":{"group":"{{Definition.Group}}","scope":"Namespaced",
            "names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList" },
            "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{ } },
            "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """;
        await server.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", JsonNode.Parse(crd)!, cancellationToken);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await server.Admin.GetAsync(new Uri(Definition.CollectionPath(ns), UriKind.Relative), cancellationToken);
                return answer.IsSuccessStatusCode;
            },
            "the kind is served", cancellationToken);
    }

    public async Task<string> CreateAsync(string name, int size, CancellationToken cancellationToken)
    {
        var made = await server.PostAsync(Definition.CollectionPath(ns), Json(name, size), cancellationToken);
        return (string)made["metadata"]!["uid"]!;
    }

    public async Task ResizeAsync(string name, JsonNode size, CancellationToken cancellationToken) =>
        await MergeAsync(name, "", new JsonObject { ["spec"] = new JsonObject { ["size"] = size } }, cancellationToken);

    public async Task MergeAsync(string name, string subresource, JsonObject patch, CancellationToken cancellationToken)
    {
        using var content = new StringContent(patch.ToJsonString(), null, "application/merge-patch+json");
        using var answer = await server.Admin.PatchAsync(new Uri(PathOf(name) + subresource, UriKind.Relative), content, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await server.Admin.DeleteAsync(new Uri(PathOf(name), UriKind.Relative), cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    public string PathOf(string name) => Definition.Path(new ResourceKey(ns, name));

    private JsonObject Json(string name, int size) => new()
    {
        ["apiVersion"] = Definition.ApiVersion,
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["size"] = size },
    };
}
