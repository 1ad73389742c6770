using System.Text.Json.Nodes;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Trust;
using k8s;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Trust;

/// <summary>Which workers are let in, asked of a real API server with the operator's rights.</summary>
public sealed class WorkerAuthorityTests(KubernetesApiServer server)
{
    private const string Audience = "healthtrack";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Admit_ThePoolsAccount_IsWelcomeUntilItsTokenEnds()
    {
        await using var asked = await StartAsync();
        var token = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);

        var admission = await asked.Authority.AdmitAsync(token, "eu", Token);

        Assert.Null(admission.Refusal);
        Assert.True(admission.Authenticated);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(admission.Until!.Value) - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task Admit_OfAnotherPoolOrNamespace_IsRefusedAsKnown()
    {
        await using var asked = await StartAsync();
        var elsewhere = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(elsewhere, "healthtrack-probe-eu", Token);
        foreach (var (token, pool) in new[]
        {
            (await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience), "us"),
            (await server.TokenAsync(elsewhere, "healthtrack-probe-eu", Token, Audience), "eu"),
        })
        {
            var admission = await asked.Authority.AdmitAsync(token, pool, Token);
            Assert.True(admission.Authenticated);
            Assert.Contains($"pool {pool} run as system:serviceaccount:{asked.Namespace}:healthtrack-probe-{pool}", admission.Refusal, StringComparison.Ordinal);
            Assert.DoesNotContain(token, admission.Refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Admit_WrongEndedOrForAnotherAudience_IsRefused()
    {
        await using var asked = await StartAsync();
        foreach (var token in new[]
        {
            null, "", "a-wrong-one", "a.b.c", new string('x', 100_000), "tok\nen",
            await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token),
            await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, "vault"),
            await server.EndedTokenAsync(asked.Namespace, "healthtrack-probe-eu", Audience, 60, Token),
        })
        {
            var admission = await asked.Authority.AdmitAsync(token, "eu", Token);
            Assert.NotNull(admission.Refusal);
            Assert.False(admission.Authenticated);
            if (token is { Length: > 3 })
                Assert.DoesNotContain(token, admission.Refusal, StringComparison.Ordinal);
        }
        var named = await asked.Authority.AdmitAsync("a-wrong-one", "EU\n", Token);
        Assert.DoesNotContain("EU", named.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admit_ExternalPoolsToken_IsGoodForThatPoolAlone()
    {
        await using var asked = await StartAsync();
        Assert.Null((await asked.Authority.AdmitAsync("token-of-the-office", "office", Token)).Refusal);
        Assert.NotNull((await asked.Authority.AdmitAsync("token-of-the-office", "eu", Token)).Refusal);
    }

    [Fact]
    public async Task Admit_ExternalPoolsAreNotReadYet_IsToldToTryAgainAndNotThatItsTokenIsWrong()
    {
        await using var asked = await StartAsync();
        asked.Known = false;
        var account = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);

        Assert.Null((await asked.Authority.AdmitAsync(account, "eu", Token)).Refusal);
        await Assert.ThrowsAsync<WorkerAuthorityUnavailableException>(async () => await asked.Authority.AdmitAsync("token-yet-to-be-read", "office", Token));
        asked.Known = true;
        Assert.NotNull((await asked.Authority.AdmitAsync("token-yet-to-be-read", "office", Token)).Refusal);
    }

    [Fact]
    public async Task Admit_ApiServerAway_AnAcceptedTokenIsGoodUntilItEnds()
    {
        await using var asked = await StartAsync();
        var token = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);
        var never = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);
        // Two of one second may be the same.
        never = never == token ? await server.TokenAsync(asked.Namespace, "healthtrack-probe-us", Token, Audience) : never;
        Assert.Null((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);

        asked.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable");
        asked.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);
        await Assert.ThrowsAsync<WorkerAuthorityUnavailableException>(async () => await asked.Authority.AdmitAsync(never, "eu", Token));
        asked.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.NotNull((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);
    }

    [Fact]
    public async Task Admit_AccountDeleted_IsRefusedOnceItIsAskedAgain()
    {
        await using var asked = await StartAsync();
        var token = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);
        Assert.Null((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);
        await server.KubectlAsync("delete", "serviceaccount", "healthtrack-probe-eu", "-n", asked.Namespace);
        Assert.Null((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);

        // The API server itself looks again after some seconds of its own.
        await Eventually.TrueAsync(() => IsRefusedByServerAsync(token), "the API server refuses it", Token);
        asked.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull((await asked.Authority.AdmitAsync(token, "eu", Token)).Refusal);
        // It is no longer one that was accepted.
        asked.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable");
        asked.Clock.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<WorkerAuthorityUnavailableException>(async () => await asked.Authority.AdmitAsync(token, "eu", Token));
    }

    [Fact]
    public async Task Admit_ManyAtOnce_AsksOnce()
    {
        await using var asked = await StartAsync();
        var token = await server.TokenAsync(asked.Namespace, "healthtrack-probe-eu", Token, Audience);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => asked.Authority.AdmitAsync(token, "eu", Token).AsTask()));
        Assert.Single(asked.Proxy.Requests);
    }

    private async Task<bool> IsRefusedByServerAsync(string token)
    {
        var answer = await server.PostAsync(
            "/apis/authentication.k8s.io/v1/tokenreviews",
            new JsonObject { ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(Audience) } }, Token);
        return !((bool?)answer["status"]!["authenticated"] ?? false);
    }

    private async Task<Asked> StartAsync()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        foreach (var pool in new[] { "eu", "us" })
            await server.CreateAccountAsync(ns, PoolServiceAccounts.NameOf(pool), Token);
        var proxy = await FaultyProxy.StartAsync(server, Token);
        var kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(Token), proxy.Address);
        return new Asked(ns, proxy, new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests));
    }

    private sealed class Asked : IAsyncDisposable, IPoolTokens
    {
        private readonly KubernetesApi _api;
        private readonly TokenReviews _reviews;

        public Asked(string ns, FaultyProxy proxy, KubernetesApi api)
        {
            (Namespace, Proxy, _api) = (ns, proxy, api);
            _reviews = new TokenReviews(api, Clock);
            Authority = new WorkerAuthority(_reviews, new TrustOptions { Namespace = ns }, [this]);
        }

        public string Namespace { get; }

        public FaultyProxy Proxy { get; }

        public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

        public WorkerAuthority Authority { get; }

        public bool Known { get; set; } = true;

        public bool Knows(string pool) => Known;

        public bool Accepts(string pool, string token) => (pool, token) == ("office", "token-of-the-office");

        public async ValueTask DisposeAsync()
        {
            _reviews.Dispose();
            _api.Dispose();
            await Proxy.DisposeAsync();
        }
    }
}
