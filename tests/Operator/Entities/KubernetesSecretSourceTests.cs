using System.Text.Json.Nodes;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class KubernetesSecretSourceTests(KubernetesApiServer server)
{
    private static readonly SecretRef Known = new("api", "token");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ThereAndNotThere_ReadsOrAnswersNull()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "gehéim");

        Assert.Equal("gehéim", await operated.Secrets.GetAsync(operated.Namespace, Known, Token));
        Assert.Null(await operated.Secrets.GetAsync(operated.Namespace, new("api", "other"), Token));
        Assert.Null(await operated.Secrets.GetAsync(operated.Namespace, new("other", "token"), Token));
        Assert.All(operated.Proxy.Requests, r => Assert.StartsWith($"GET /api/v1/namespaces/{operated.Namespace}/secrets/", r, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_WithoutRights_AnswersNull()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var operated = await Operated.CreateAsync(server, Token, await server.CreateServiceAccountAsync(ns, "nobody", Token));
        await CreateAsync(operated.Namespace, "s3cret");

        Assert.Null(await operated.Secrets.GetAsync(operated.Namespace, Known, Token));
    }

    [Fact]
    public async Task Get_ServerAway_AnswersTheLastKnownValueUntilItIsGone()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "s3cret");
        await operated.Secrets.GetAsync(operated.Namespace, Known, Token);

        operated.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable");
        Assert.Equal("s3cret", await operated.Secrets.GetAsync(operated.Namespace, Known, Token));
        await UnavailableAsync(operated, new("never", "read"));

        operated.Proxy.Fault = null;
        await server.KubectlAsync("delete", "secret", "api", "-n", operated.Namespace);
        Assert.Null(await operated.Secrets.GetAsync(operated.Namespace, Known, Token));
        operated.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, 429, "TooManyRequests");
        await UnavailableAsync(operated, Known);
    }

    private static async Task UnavailableAsync(Operated operated, SecretRef secret)
    {
        var unavailable = await Assert.ThrowsAsync<SecretUnavailableException>(() => operated.Secrets.GetAsync(operated.Namespace, secret, Token).AsTask());
        Assert.Contains($"{operated.Namespace}/{secret.Name} cannot be read now", unavailable.Message, StringComparison.Ordinal);
    }

    private async Task CreateAsync(string ns, string value) => await server.PostAsync(
        $"/api/v1/namespaces/{ns}/secrets",
        new JsonObject { ["metadata"] = new JsonObject { ["name"] = "api" }, ["stringData"] = new JsonObject { ["token"] = value } }, Token);
}
