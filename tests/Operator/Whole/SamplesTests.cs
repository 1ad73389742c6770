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
        // As it is typed, all of them: none may need a namespace that the documentation does not make.
        await server.KubectlAsync("apply", "--validate=false", "--dry-run=server", "-f", Repository.File("config", "samples"));
        var monitors = Directory.GetFiles(Repository.File("config", "samples"), "*.yaml")
            .Where(f => File.ReadLines(f).Contains("kind: ServiceMonitor")).ToList();
        await server.KubectlAsync(["apply", "--validate=false", "-n", ns, .. monitors.SelectMany(f => (string[])["-f", f])]);
        await using var store = await TestStore.StartAsync(StoreKind.Sqlite, Token);

        await using var running = await OperatorProcess.StartAsync(
            Token, "--kubeconfig", server.Kubeconfig(await server.OperatorTokenAsync(Token), ns: ns), "--namespaces", ns, "--lease-namespace", ns, "--storage", store.Url,
            "--worker", "none", "--link-port", "0");

        await Eventually.TrueAsync(
            async () =>
            {
                var items = JsonNode.Parse(await server.KubectlAsync("get", "htm", "-n", ns, "-o", "json"))!["items"]!.AsArray();
                Assert.Equal(monitors.Count, items.Count);
                // Their secrets are not there, nor may this operator make the pool default, which is said; nothing of the resource itself, which is said first, may be wrong.
                return items.All(i => (string?)Ready(i!)?["reason"] is "Operating" or "SecretNotFound" or "PoolNotFound" or "NotSupported");
            },
            "each is accepted",
            Token);
        Assert.Equal(monitors.Count, (await running.GetAsync("/services", Token)).Count);
    }

    private static JsonNode? Ready(JsonNode monitor) =>
        monitor["status"]?["conditions"]?.AsArray().SingleOrDefault(c => (string?)c!["type"] == "Ready");
}
