using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>Takes the API server away, which nobody else can bear: runs alone.</summary>
[CollectionDefinition(nameof(OutageTests), DisableParallelization = true)]
public sealed class OutageTestsRunAlone;

[Collection(nameof(OutageTests))]
public sealed class OutageTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Run_ApiServerAway_ChecksGoOnNothingIsLostAndTheStatusCatchesUp(StoreKind kind)
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var store = await TestStore.StartAsync(kind, Token);
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync(ns, store);
        await running.ApplyAsync("shop", Http(target.Url), Token);
        await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);

        await server.StopAsync();
        target.Status = 500;
        await Eventually.TrueAsync(
            async () => (string?)(await running.GetServicesAsync(Token)).Single()!["health"] == "Unhealthy", "checks go on", Token);
        await Eventually.TrueAsync(async () => (await SourcesAsync(running)).Contains("cannot be watched", StringComparison.Ordinal), "readyz says so", Token);

        await server.RestartAsync();
        await running.UntilAsync("shop", s => (string?)s["health"] == "Unhealthy", "the status catches up", Token);
        // Each check that the target saw is in the store, those of the outage among them.
        var (asked, id) = (target.Requests, (long)(await running.GetServicesAsync(Token)).Single()!["id"]!);
        await Eventually.TrueAsync(async () => (await running.GetChecksAsync(id, Token)).Count >= asked, "no check is lost", Token);

        await running.ApplyAsync("later", Http(target.Url), Token);
        await running.UntilAsync("later", s => (string?)s["health"] == "Unhealthy", "what is declared later is seen", Token);
        await Eventually.TrueAsync(async () => (await SourcesAsync(running)).Contains("2 monitors", StringComparison.Ordinal), "readyz is well again", Token);
    }

    [Fact]
    public async Task Run_ApiServerFrozen_ChecksGoOnAndTheStatusCatchesUp()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var store = await TestStore.StartAsync(StoreKind.Sqlite, Token);
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync(ns, store);
        await running.ApplyAsync("shop", Http(target.Url), Token);
        await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);

        await server.PauseAsync(Token);
        try
        {
            target.Status = 500;
            await Eventually.TrueAsync(
                async () => (string?)(await running.GetServicesAsync(Token)).Single()!["health"] == "Unhealthy", "checks go on", Token);
        }
        finally
        {
            await server.ResumeAsync(CancellationToken.None);
        }

        await running.UntilAsync("shop", s => (string?)s["health"] == "Unhealthy", "the status catches up", Token);
    }

    private async Task<RunningOperator> StartAsync(string ns, TestStore store) =>
        await RunningOperator.StartAsync(server, server.Kubeconfig(await server.OperatorTokenAsync(Token)), ns, store.Url, Token);

    private static string Http(string url) => $$"""{"http":{"url":"{{url}}"},"interval":"1s"}""";

    private static async Task<string> SourcesAsync(RunningOperator running) =>
        JsonNode.Parse(await running.Api.GetStringAsync(new Uri("/readyz", UriKind.Relative), Token))!.ToJsonString();
}
