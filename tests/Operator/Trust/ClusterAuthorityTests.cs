using HealthTrack.Engine.Api.Security;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Trust;
using k8s;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Trust;

/// <summary>How long answers of the API server are good, by a clock of the test's own.</summary>
public sealed class ClusterAuthorityTests(KubernetesApiServer server) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private string _ns = "";
    private FaultyProxy _proxy = null!;
    private KubernetesApi _api = null!;
    private TokenReviews _tokens = null!;
    private AccessReviews _rights = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ns = await server.CreateNamespaceAsync(Token);
        _proxy = await FaultyProxy.StartAsync(server, Token);
        var kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(Token), _proxy.Address);
        _api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        _tokens = new TokenReviews(_api, _clock);
        _rights = new AccessReviews(_api, _clock);
        await server.CreateAccountAsync(_ns, "deployer", Token);
        await server.MakeEditorAsync(_ns, _ns, "deployer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        _tokens.Dispose();
        _rights.Dispose();
        _api.Dispose();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Refusal_ApiServerAway_KnownReadsGoOnForAnHourAndWritesDoNot()
    {
        var authority = Authority();
        var user = (await authority.AuthenticateAsync(await server.TokenAsync(_ns, "deployer", Token), Token))!;
        var (read, write) = (new ApiAction("list", _ns), new ApiAction("create", _ns));
        Assert.Null(await authority.RefusalAsync(user, read, Token));
        Assert.Null(await authority.RefusalAsync(user, write, Token));
        var asked = _proxy.Requests.Count;
        Assert.Null(await authority.RefusalAsync(user, write, Token));
        Assert.Equal(asked, _proxy.Requests.Count);

        _proxy.Fault = context => FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable");
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await authority.RefusalAsync(user, read, Token));
        await Assert.ThrowsAsync<ApiAuthorityUnavailableException>(async () => await authority.RefusalAsync(user, write, Token));
        await Assert.ThrowsAsync<ApiAuthorityUnavailableException>(async () => await authority.RefusalAsync(user, new ApiAction("list", null), Token));
        _clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<ApiAuthorityUnavailableException>(async () => await authority.RefusalAsync(user, read, Token));
    }

    [Fact]
    public async Task Refusal_OtherGroupsOrNames_AreOtherQuestions()
    {
        await server.BindAsync(_ns, "healthtrack-edit", Accounts.Group("sre"), Token);
        var authority = Authority();
        var write = new ApiAction("update", _ns, "shop");
        Assert.Null(await authority.RefusalAsync(new ApiUser("alice") { Groups = ["sre"] }, write, Token));
        Assert.NotNull(await authority.RefusalAsync(new ApiUser("alice") { Groups = ["dev"] }, write, Token));
        Assert.NotNull(await authority.RefusalAsync(new ApiUser("alice"), write, Token));
        Assert.NotNull(await authority.RefusalAsync(new ApiUser("alice,sre"), write, Token));
    }

    [Fact]
    public async Task Refusal_OfEverythingWhereSomeNamespacesAreWatched_AsksForThoseAlone()
    {
        var other = await server.CreateNamespaceAsync(Token);
        await server.BindAsync(_ns, "healthtrack-view", Accounts.Group("sre"), Token);
        var (user, everything) = (new ApiUser("alice") { Groups = ["sre"] }, new ApiAction("list", null));

        Assert.Null(await Authority(_ns).RefusalAsync(user, everything, Token));
        Assert.Equal(
            "alice may not list servicemonitors.sre.healthtrack.io in all namespaces that are watched.", await Authority(_ns, other).RefusalAsync(user, everything, Token));
        Assert.Contains("in all namespaces", await Authority().RefusalAsync(user, everything, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfSeveralNamespaces_AsksForAllAtOnce()
    {
        var waiting = 0;
        var all = new TaskCompletionSource();
        _proxy.Fault = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("subjectaccessreviews", StringComparison.Ordinal) && Interlocked.Increment(ref waiting) == 3)
                all.SetResult();
            await all.Task.WaitAsync(context.RequestAborted);
            return false;
        };
        Assert.NotNull(await Authority(_ns, "b", "c").RefusalAsync(new ApiUser("alice"), new ApiAction("list", null), Token));
        Assert.Equal(3, waiting);
    }

    [Fact]
    public async Task Authenticate_WithoutTheRightToAsk_NamesTheRoles()
    {
        using var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig(await server.TokenAsync(_ns, "deployer", Token))),
            new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        using var tokens = new TokenReviews(api, _clock);
        var refusal = await Assert.ThrowsAsync<ApiAuthorityUnavailableException>(
            async () => await new ClusterAuthority(tokens, _rights, new TrustOptions { Namespace = _ns }).AuthenticateAsync("a-token", Token));
        Assert.Contains("create tokenreviews: apply config/rbac", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_FloodOfWrongCredentials_PushesNoGoodOneOut()
    {
        var answers = new AnswerCache<string>(4, a => a == "yes", _clock);
        await answers.GetAsync("good", () => Task.FromResult("yes"), Token);
        foreach (var wrong in Enumerable.Range(0, 100))
            await answers.GetAsync($"wrong-{wrong}", () => Task.FromResult("no"), Token);
        Assert.True(answers.TryGetLastYes("good", out _, out _));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("no", await answers.GetAsync("good", () => Task.FromResult("no"), Token));
        Assert.False(answers.TryGetLastYes("good", out _, out _));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await answers.GetAsync("broken", () => throw new InvalidDataException(), Token));
        Assert.Equal("yes", await answers.GetAsync("broken", () => Task.FromResult("yes"), Token));
    }

    private ClusterAuthority Authority(params string[] namespaces) => new(_tokens, _rights, new TrustOptions { Namespace = _ns, Namespaces = namespaces });
}
