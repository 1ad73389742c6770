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

    [Fact]
    public async Task Run_ApiServerAway_ChecksGoOnAndTheStatusCatchesUp()
    {
        var folder = Directory.CreateTempSubdirectory("healthtrack-");
        var ns = await server.CreateNamespaceAsync(Token);
        await using var target = await StubTarget.StartAsync(Token);
        await using (var running = await RunningOperator.StartAsync(
            server, server.Kubeconfig(await server.OperatorTokenAsync(Token)), ns, $"sqlite:{Path.Combine(folder.FullName, "healthtrack.db")}", Token))
        {
            await running.ApplyAsync("shop", Http(target.Url), Token);
            await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);

            await server.StopAsync();
            target.Status = 500;
            await Eventually.TrueAsync(
                async () => (string?)(await running.GetServicesAsync(Token)).Single()!["health"] == "Unhealthy", "checks go on", Token);
            await Eventually.TrueAsync(async () => (await SourcesAsync(running)).Contains("cannot be watched", StringComparison.Ordinal), "readyz says so", Token);

            await server.RestartAsync();
            await running.UntilAsync("shop", s => (string?)s["health"] == "Unhealthy", "the status catches up", Token);
            await running.ApplyAsync("later", Http(target.Url), Token);
            await running.UntilAsync("later", s => (string?)s["health"] == "Unhealthy", "what is declared later is seen", Token);
            await Eventually.TrueAsync(async () => (await SourcesAsync(running)).Contains("2 monitors", StringComparison.Ordinal), "readyz is well again", Token);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_ApiServerFrozen_ChecksGoOnAndTheStatusCatchesUp()
    {
        var folder = Directory.CreateTempSubdirectory("healthtrack-");
        var ns = await server.CreateNamespaceAsync(Token);
        await using var target = await StubTarget.StartAsync(Token);
        await using (var running = await RunningOperator.StartAsync(
            server, server.Kubeconfig(await server.OperatorTokenAsync(Token)), ns, $"sqlite:{Path.Combine(folder.FullName, "healthtrack.db")}", Token))
        {
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
        folder.Delete(recursive: true);
    }

    private static string Http(string url) => $$"""{"http":{"url":"{{url}}"},"interval":"1s"}""";

    private static async Task<string> SourcesAsync(RunningOperator running) =>
        JsonNode.Parse(await running.Api.GetStringAsync(new Uri("/readyz", UriKind.Relative), Token))!.ToJsonString();
}
