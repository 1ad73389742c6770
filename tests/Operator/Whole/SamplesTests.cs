using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>What the documentation tells a newcomer to type, on a server that knows no CEL.</summary>
public sealed class SamplesTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Without a worker: the samples' targets are other people's.
    [Fact]
    public async Task Apply_DefinitionsThenSamples_EachIsAcceptedByTheOperator()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.AllowElectionAsync(ns, Token);
        await server.ApplyAsync(Repository.File("config", "crd"));
        await server.KubectlAsync("wait", "--for=condition=Established", "crd/servicemonitors.sre.healthtrack.io", "--timeout=60s");
        await server.KubectlAsync("apply", "--validate=false", "-n", ns, "-f", Repository.File("config", "samples"));
        await using var store = await TestStore.StartAsync(StoreKind.Sqlite, Token);

        await using var running = await OperatorProcess.StartAsync(
            Token, "--kubeconfig", server.Kubeconfig(await server.OperatorTokenAsync(Token)), "--namespaces", ns, "--lease-namespace", ns, "--storage", store.Url,
            "--worker", "none");

        var samples = Directory.GetFiles(Repository.File("config", "samples"), "*.yaml").Length;
        await Eventually.TrueAsync(
            async () =>
            {
                var items = JsonNode.Parse(await server.KubectlAsync("get", "htm", "-n", ns, "-o", "json"))!["items"]!.AsArray();
                Assert.Equal(samples, items.Count);
                // Their secrets are not there, which is said; nothing else may be wrong with one.
                return items.All(i => (string?)Ready(i!)?["reason"] is "Operating" or "SecretNotFound" or "NotSupported");
            },
            "each is accepted",
            Token);
        Assert.Equal(samples, (await running.GetAsync("/services", Token)).Count);
    }

    private static JsonNode? Ready(JsonNode monitor) =>
        monitor["status"]?["conditions"]?.AsArray().SingleOrDefault(c => (string?)c!["type"] == "Ready");
}
