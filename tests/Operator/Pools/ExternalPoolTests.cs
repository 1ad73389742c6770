using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Pools;

/// <summary>Pools whose workers run elsewhere and show a token.</summary>
public sealed class ExternalPoolTests(KubernetesApiServer server)
{
    private const string First = "the-first-token-of-the-office";
    private const string Second = "the-second-token-of-the-office";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task External_TokenOfItsSecret_LetsInToThatPoolAlone()
    {
        await using var op = await PoolOperator.StartAsync(server, await server.CreateNamespaceAsync(Token), Token);
        var authority = op.Services.GetRequiredService<IWorkerAuthority>();
        await op.ApplyAsync("ProbePool", "office", """{"external":{"tokenSecretRef":{"name":"office"}}}""");
        var waiting = await op.UntilConditionAsync("office", "Stalled", "SecretNotFound", Token);
        Assert.Contains("office", (string)PoolOperator.Condition(waiting, "Ready")!["message"]!, StringComparison.Ordinal);
        Assert.NotNull((await authority.AdmitAsync(First, "office", Token)).Refusal);

        await SecretAsync(op, First + "\n");
        // Another spec, another look: the Secret itself is read again after a minute.
        await op.ApplyAsync("ProbePool", "office", """{"external":{"tokenSecretRef":{"name":"office","key":"other"}}}""");
        await op.UntilConditionAsync("office", "Ready", "NoWorker", Token);

        Assert.Null((await authority.AdmitAsync(First, "office", Token)).Refusal);
        Assert.NotNull((await authority.AdmitAsync(First, "eu", Token)).Refusal);
        Assert.NotNull((await authority.AdmitAsync(First + "x", "office", Token)).Refusal);
        Assert.Null(await op.DeploymentAsync("office", Token));
        Assert.True((await op.PoolRowsAsync(Token)).Single(p => p.Name == "office") is { External: true, Replicas: null });
        Assert.DoesNotContain(First, (await op.PoolAsync("office", Token))!.ToJsonString(), StringComparison.Ordinal);

        await server.KubectlAsync("-n", op.Namespace, "delete", "probepool", "office");
        await Eventually.TrueAsync(async () => (await authority.AdmitAsync(First, "office", Token)).Refusal is not null, "its token is good no more", Token);
    }

    [Fact]
    public async Task External_WasRunHere_TakesItsDeploymentAwayAndForeignOnesStay()
    {
        await using var op = await PoolOperator.StartAsync(server, await server.CreateNamespaceAsync(Token), Token);
        await op.ApplyAsync("ProbePool", "office", """{}""");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("office", Token), _ => true, "there is a Deployment", Token);
        await op.UntilConditionAsync("office", "Ready", "NoWorker", Token);

        await op.ApplyAsync("ProbePool", "office", """{"external":{"tokenSecretRef":{"name":"office"}}}""");

        await Eventually.TrueAsync(async () => await op.DeploymentAsync("office", Token) is null, "the Deployment is gone", Token);
        await Eventually.TrueAsync(async () => await op.OwnedAsync<V1ServiceAccount>("office", Token) is null, "the account is gone", Token);
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("default", Token), _ => true, "another pool's stays", Token);
    }

    [Fact]
    public async Task Tokens_Rotated_AreReadAgainAfterAMinuteAndKeptWhileTheServerIsAway()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var proxy = await FaultyProxy.StartAsync(server, Token);
        using var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.KubeconfigThrough(proxy.Address)), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        var clock = new FakeTimeProvider();
        var tokens = new PoolTokens(new ResourceClient<V1Secret>(api, ResourceDefinition.Of<V1Secret>()), new PoolOptions { Namespace = ns }, clock);
        var reference = new DefaultKeySecretRef { Name = "office", Key = "token" };
        await server.KubectlAsync("-n", ns, "create", "secret", "generic", "office", $"--from-literal=token={First}");
        Assert.Null(await tokens.RefreshAsync("office", reference, Token));
        Assert.True(tokens.Accepts("office", First));
        // Others may have one that was not read yet.
        Assert.False(tokens.Knows("other"));
        tokens.Complete();
        Assert.True(tokens.Knows("other"));

        await server.KubectlAsync("-n", ns, "delete", "secret", "office");
        await server.KubectlAsync("-n", ns, "create", "secret", "generic", "office", $"--from-literal=token={Second}");
        clock.Advance(TimeSpan.FromSeconds(59));
        await tokens.RefreshAsync("office", reference, Token);
        Assert.True(tokens.Accepts("office", First));
        clock.Advance(TimeSpan.FromSeconds(2));
        await tokens.RefreshAsync("office", reference, Token);
        Assert.Equal((false, true), (tokens.Accepts("office", First), tokens.Accepts("office", Second)));

        proxy.Fault = context => FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable");
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await tokens.RefreshAsync("office", reference, Token));
        Assert.True(tokens.Accepts("office", Second));
        await Assert.ThrowsAsync<KubernetesApiException>(() => tokens.RefreshAsync("other", reference, Token));
        Assert.Equal((true, false), (tokens.Knows("office"), tokens.Knows("other")));
        proxy.Fault = null;
        await tokens.RefreshAsync("other", reference, Token);
        Assert.True(tokens.Knows("other"));

        await server.KubectlAsync("-n", ns, "delete", "secret", "office");
        await server.KubectlAsync("-n", ns, "create", "secret", "generic", "office", "--from-literal=token=short");
        var problem = await tokens.RefreshAsync("office", reference, Token);
        Assert.Contains("16 to 4096", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("short", problem, StringComparison.Ordinal);
        Assert.Equal((false, false), (tokens.Accepts("office", "short"), tokens.Accepts("office", Second)));
    }

    private static Task SecretAsync(PoolOperator op, string token) => op.ApplyAsync(
        "Secret", "office", $$"""{"other":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(token))}}"}""");
}
