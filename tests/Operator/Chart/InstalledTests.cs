using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HealthTrack.Engine;
using HealthTrack.Operator.Tests.Trust;
using HealthTrack.Operator.Tests.Whole;
using HealthTrack.Operator.Trust;
using k8s;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>What the chart installs works: the programs under its roles, with its arguments and over its certificate, and with no other right.</summary>
[Collection(nameof(ChartCollection))]
public sealed class InstalledTests(ChartCluster cluster) : IAsyncLifetime
{
    private const string Monitors = "/apis/sre.healthtrack.io/v1alpha1/namespaces/shop/servicemonitors";

    private TestStore? _store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(StoreKind.Postgres, Token);
        await cluster.PostAsync("/api/v1/namespaces/default/secrets", Named("healthtrack-postgres", new JsonObject { ["url"] = _store.Url }), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.Helm.AskAsync(CancellationToken.None, "uninstall", "healthtrack", "--namespace", "default", "--ignore-not-found");
        foreach (var definition in Directory.GetFiles(Repository.File("config", "crd"), "*.yaml"))
            await cluster.KubectlAsync(["delete", "--ignore-not-found", "-f", definition], CancellationToken.None);
        await cluster.KubectlAsync(["delete", "secret,deployment,serviceaccount,networkpolicy", "-n", "default", "--ignore-not-found", "-l", "app.kubernetes.io/part-of=healthtrack"], CancellationToken.None);
        await cluster.KubectlAsync(["delete", "secret", "-n", "default", "--ignore-not-found", "healthtrack-postgres"], CancellationToken.None);
        await cluster.KubectlAsync(["delete", "secret,event", "-n", "shop", "--all"], CancellationToken.None);
        await _store!.DisposeAsync();
    }

    [Theory]
    [InlineData("rbac.create=true")]
    [InlineData("namespaces={shop}")]
    public async Task Run_AsInstalled_ChecksThroughAWorkerWithTheRightsOfTheChartAlone(string value)
    {
        await InstallAsync("--set", value);
        await using var target = await StubTarget.StartAsync(Token);
        await using var system = new InstalledSystem(cluster);
        await system.StartOperatorAsync(Token);
        await system.StartWorkerAsync(Token);
        await cluster.PostAsync("/api/v1/namespaces/shop/secrets", Named("api", new JsonObject { ["key"] = "s3cret" }), Token);
        await DeclareAsync(
            "shop", $$"""{"interval":"1s","http":{"url":"{{target.Url}}","headers":[{"name":"X-Key","valueFrom":{"secretKeyRef":{"name":"api","key":"key"} } }]} }""");

        var status = await UntilAsync(system, "shop", "Healthy");
        // The secret travelled: the link is encrypted, and its certificate was believed.
        Assert.Equal("s3cret", target.LastKey);
        Assert.Equal("worker-0", (string?)status["locations"]![0]!["worker"]);
        target.Status = 500;
        await UntilAsync(system, "shop", "Unhealthy");
        target.Status = 200;
        await UntilAsync(system, "shop", "Degraded", "Healthy");

        await Eventually.TrueAsync(
            async () => (await cluster.KubectlAsync(["get", "events", "-n", "shop", "-o", "json"], Token)).Contains("ChecksFailing", StringComparison.Ordinal), "an Event says so", Token);
        Assert.NotNull(await cluster.FindAsync("/apis/coordination.k8s.io/v1/namespaces/default/leases/healthtrack", Token));
        Assert.Equal(HttpStatusCode.OK, (await system.Operator.AnswerAsync("/leaderz", Token)).Status);
        // Nothing that it asked for was refused.
        var metrics = (await system.Operator.AnswerAsync("/metrics", Token)).Body;
        Assert.Contains("rest_client_requests_total{code=\"200\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("code=\"403\"", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("shop")]
    public async Task Api_AskedAsTheDashboard_ReadsTheFleetAndWritesNothing(params string[] namespaces)
    {
        await InstallAsync([.. namespaces.SelectMany(ns => (string[])["--set", $"namespaces={{{ns}}}"])]);
        var operatorAccount = KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig(await cluster.TokenAsync("default", "healthtrack-operator", Token)));
        await using var app = EngineApp.Build(
            new EngineOptions { ApiPort = 0, HostAuthority = true, CredentialOnLoopback = true, Storage = _store!.Url },
            services => services.AddKubernetes(operatorAccount, namespaces)
                .AddTrust(new TrustOptions { Namespace = "default", DashboardServiceAccount = "default/healthtrack-dashboard", Namespaces = namespaces }));
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await cluster.TokenAsync("default", "healthtrack-dashboard", Token, "healthtrack"));

        async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? user = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? JsonContent.Create(new { name = "x", url = "http://h/" }) : null };
            if (user is not null)
                request.Headers.Add("X-HealthTrack-User", user);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            return answer.StatusCode;
        }

        await Eventually.TrueAsync(async () => await StatusAsync(HttpMethod.Get, "/services") == HttpStatusCode.OK, "it reads the fleet", Token);
        foreach (var path in (string[])["/stream", "/alerts", "/incidents", "/channels", "/pools", "/workers"])
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Post, "/services"));
        // It is believed when it says for whom it calls; and that user has no right.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Get, "/services", "nobody@example.org"));
        await app.StopAsync(Token);
    }

    private async Task InstallAsync(params string[] arguments)
    {
        await cluster.Helm.RunAsync(
            Token,
            [
                "install", "healthtrack", cluster.Chart, "--namespace", "default", .. ChartCluster.OldServer, "--set", "storage.postgres.existingSecret=healthtrack-postgres",
                "--set", "link.tls.extraHosts={localhost}", .. arguments,
            ]);
        await Eventually.TrueAsync(async () => await cluster.FindAsync(Monitors, Token) is not null, "the definition is served", Token);
    }

    private static JsonObject Named(string name, JsonObject text) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["stringData"] = text };

    private async Task DeclareAsync(string name, string spec) => await cluster.PostAsync(
        Monitors, JsonNode.Parse($$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}"},"spec":{{spec}} }""")!, Token);

    private async Task<JsonNode> UntilAsync(InstalledSystem system, string name, params string[] healths)
    {
        JsonNode? status = null;
        try
        {
            await Eventually.TrueAsync(
                async () => (status = (await cluster.FindAsync($"{Monitors}/{name}", Token))?["status"]) is not null && healths.Contains((string?)status["health"]), healths[0], Token);
        }
        catch (Xunit.Sdk.XunitException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{status}\n{system.WorkerLog}");
            throw;
        }
        return status!;
    }
}
