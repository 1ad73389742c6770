using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HealthTrack.Engine.Tests.Storage;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Tests.Cluster;
using Npgsql;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The operator over a SQLite file.</summary>
public sealed class SqliteOperatorTests(KubernetesApiServer server) : OperatorTests(server)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-").FullName;

    protected override Task<string> CreateStoreAsync() => Task.FromResult($"sqlite:{Path.Combine(_folder, "healthtrack.db")}");

    protected override ValueTask RemoveStoreAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The operator over a Postgres server.</summary>
public sealed class PostgresOperatorTests(KubernetesApiServer server) : OperatorTests(server)
{
    private PostgresInstance? _postgres;

    protected override async Task<string> CreateStoreAsync()
    {
        _postgres = await PostgresInstance.StartNewAsync(Token);
        return new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = _postgres.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
        }.ConnectionString;
    }

    protected override ValueTask RemoveStoreAsync() => _postgres?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The whole operator against a cluster, as the ServiceAccount of config/rbac with exactly its roles, over each store.</summary>
public abstract class OperatorTests(KubernetesApiServer server) : IAsyncLifetime
{
    private string _kubeconfig = "";
    private string _ns = "";
    private string _storage = "";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract Task<string> CreateStoreAsync();

    protected abstract ValueTask RemoveStoreAsync();

    public async ValueTask InitializeAsync()
    {
        _storage = await CreateStoreAsync();
        _ns = await server.CreateNamespaceAsync(Token);
        _kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(Token));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return RemoveStoreAsync();
    }

    [Fact]
    public async Task Run_TargetFailsAndComesBack_StatusAndEventsSaySo()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        await running.ApplyAsync("shop", Http(target.Url), Token);

        var status = await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);
        Assert.Equal(1, (int?)status["observedGeneration"]);
        Assert.Equal("True", (string?)RunningOperator.Condition(status, "Ready")!["status"]);
        Assert.Equal("True", (string?)RunningOperator.Condition(status, "Healthy")!["status"]);
        Assert.Null(RunningOperator.Condition(status, "Stalled"));
        Assert.Equal("ok", (string?)status["lastCheck"]!["outcome"]);

        target.Status = 500;
        status = await running.UntilAsync("shop", s => (string?)s["health"] == "Unhealthy", "unhealthy", Token);
        Assert.Equal("True", (string?)RunningOperator.Condition(status, "Ready")!["status"]);
        Assert.Equal("False", (string?)RunningOperator.Condition(status, "Healthy")!["status"]);

        target.Status = 200;
        await running.UntilAsync("shop", s => (string?)s["health"] is "Healthy" or "Degraded", "back", Token);

        var columns = await server.KubectlAsync("get", "htm", "-n", _ns);
        foreach (var column in (string[])["TARGET", "HEALTH", "UPTIME", "P95", "APDEX", "BUDGET", "READY", "AGE", target.Url])
            Assert.Contains(column, columns, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await EventReasonsAsync()).Contains("ChecksFailing"), "an event says so", Token);
    }

    [Fact]
    public async Task Run_TargetChanges_WhatTheOldOneShowedIsGone()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        await running.ApplyAsync("shop", Http(target.Url), Token);
        await running.UntilAsync("shop", s => (string?)s["lastCheck"]?["outcome"] == "ok", "checked", Token);

        // Suspended, so that no check of the new one comes first.
        await running.ApplyAsync("shop", """{"suspend":true,"http":{"url":"http://127.0.0.1:1/"},"interval":"1h"}""", Token);
        var status = await running.UntilAsync("shop", s => (string?)s["target"] == "http://127.0.0.1:1/", "the new target", Token);
        Assert.Null(status["lastCheck"]?["outcome"]);
        Assert.All(status["locations"]!.AsArray(), location => Assert.Null(location!["lastCheckTime"]));
    }

    [Fact]
    public async Task Run_SpecTurnsWrong_IsStalledWithTheFieldAndTheLastGoodFormGoesOn()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        var good = $$"""{"http":{"url":"{{target.Url}}"},"interval":"1s","failureThreshold":3}""";
        await running.ApplyAsync("shop", good, Token);
        await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);

        await running.ApplyAsync("shop", $$"""{"http":{"url":"{{target.Url}}"},"interval":"1s","timeout":"9s"}""", Token);
        var status = await running.UntilAsync("shop", s => RunningOperator.Condition(s, "Stalled") is not null, "stalled", Token);
        Assert.Equal(2, (int?)status["observedGeneration"]);
        Assert.Contains("spec.timeout", (string?)RunningOperator.Condition(status, "Stalled")!["message"], StringComparison.Ordinal);
        Assert.Equal("False", (string?)RunningOperator.Condition(status, "Ready")!["status"]);
        Assert.Equal("Healthy", (string?)status["health"]);
        var requests = target.Requests;
        await Eventually.True(() => target.Requests > requests, "it is checked on", Token);
        await Eventually.TrueAsync(async () => (await EventReasonsAsync()).Contains("InvalidSpec"), "an event says so", Token);

        await running.ApplyAsync("shop", good, Token);
        await running.UntilAsync("shop", s => RunningOperator.Condition(s, "Stalled") is null, "no longer stalled", Token);
    }

    [Fact]
    public async Task Run_NeverValid_IsStalledAndTheOthersGoOn()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        await running.ApplyAsync("bad", """{"http":{"url":"http://127.0.0.1/"},"tcp":{"host":"h","port":1} }""", Token);
        await running.ApplyAsync("good", Http(target.Url), Token);

        var status = await running.UntilAsync("bad", s => RunningOperator.Condition(s, "Stalled") is not null, "stalled", Token);
        Assert.Equal("Unknown", (string?)status["health"]);
        Assert.Equal("InvalidSpec", (string?)status["reason"]);
        await running.UntilAsync("good", s => (string?)s["health"] == "Healthy", "healthy", Token);
    }

    [Fact]
    public async Task Run_SecretNamed_IsReadAndSent()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        string Spec(string interval) =>
            $$"""{"http":{"url":"{{target.Url}}","headers":[{"name":"X-Key","valueFrom":{"secretKeyRef":{"name":"api","key":"token"} } }]},"interval":"{{interval}}"}""";
        await running.ApplyAsync("shop", Spec("1s"), Token);
        var status = await running.UntilAsync("shop", s => (string?)RunningOperator.Condition(s, "Ready")!["reason"] == "SecretNotFound", "not found", Token);
        Assert.Equal("False", (string?)RunningOperator.Condition(status, "Ready")!["status"]);
        Assert.Equal(0, target.Requests);

        await server.PostAsync(
            $"/api/v1/namespaces/{_ns}/secrets",
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = "api" }, ["stringData"] = new JsonObject { ["token"] = "s3cret" } }, Token);
        // Secrets are looked for once a minute, and whenever there is another reason to plan: a change is one.
        await running.ApplyAsync("shop", Spec("2s"), Token);

        status = await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);
        Assert.Equal("s3cret", target.LastKey);
        Assert.DoesNotContain("s3cret", status.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_PostAndDelete_AreAResource()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        // Until all that is declared has been read it takes nothing.
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await running.Api.GetAsync(new Uri("/services", UriKind.Relative), Token);
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "it has read what is declared", Token);

        using var created = await running.Api.PostAsJsonAsync(
            "/services", new { name = "My Shop", url = target.Url, interval_seconds = 1, @namespace = _ns }, Token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        await running.UntilAsync("my-shop", s => (string?)s["health"] == "Healthy", "healthy", Token);

        var row = Assert.Single(await running.GetServicesAsync(Token));
        using var deleted = await running.Api.DeleteAsync(new Uri($"/services/{row!["id"]}", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using var gone = await server.Admin.GetAsync(new Uri(V1Alpha1ServiceMonitor.Definition.Path(new(_ns, "my-shop")), UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Run_Deleted_LeavesNoRowNoSeriesAndNoCheckButItsHistory()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await StartAsync();
        await running.ApplyAsync("shop", Http(target.Url), Token);
        await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);
        Assert.Contains("service=\"shop\"", await ScrapeAsync(running), StringComparison.Ordinal);
        var id = (long)Assert.Single(await running.GetServicesAsync(Token))!["id"]!;
        var oldest = (await running.GetChecksAsync(id, Token))[^1]!.ToJsonString();

        await server.KubectlAsync("delete", "htm", "shop", "-n", _ns);

        await Eventually.TrueAsync(async () => (await running.GetServicesAsync(Token)).Count == 0, "no row is left", Token);
        Assert.DoesNotContain("service=\"shop\"", await ScrapeAsync(running), StringComparison.Ordinal);
        // By itself, without another change: three times its interval is without a check.
        var asked = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                asked = target.Requests;
                await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Token);
                return target.Requests == asked;
            },
            "it is checked no more", Token);
        // Another monitor's checks tell the time: while ten of them are made, the one that went makes none.
        await using var other = await StubTarget.StartAsync(Token);
        await running.ApplyAsync("other", Http(other.Url), Token);
        await Eventually.True(() => other.Requests >= 10, "ten checks of another monitor", Token);
        Assert.Equal(asked, target.Requests);

        // Its history stayed in the store, and is its own again.
        await running.ApplyAsync("shop", Http(target.Url), Token);
        await Eventually.TrueAsync(async () => (await running.GetServicesAsync(Token)).Count == 2, "it is declared again", Token);
        Assert.Equal(oldest, (await running.GetChecksAsync(id, Token))[^1]!.ToJsonString());
    }

    [Fact]
    public async Task Run_StartedAgain_KeepsTheConditionsTimesAndTheId()
    {
        await using var target = await StubTarget.StartAsync(Token);
        JsonNode before;
        JsonNode? row;
        await using (var first = await StartAsync())
        {
            await first.ApplyAsync("shop", Http(target.Url), Token);
            before = await first.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);
            row = Assert.Single(await first.GetServicesAsync(Token));
        }

        await using var second = await StartAsync();
        await second.ApplyAsync("shop", Http(target.Url + "/other"), Token);
        var after = await second.UntilAsync("shop", s => (int?)s["observedGeneration"] == 2 && (string?)s["health"] == "Healthy", "the new form is in force", Token);

        Assert.Equal((string?)RunningOperator.Condition(before, "Ready")!["lastTransitionTime"], (string?)RunningOperator.Condition(after, "Ready")!["lastTransitionTime"]);
        Assert.Equal((long)row!["id"]!, (long)Assert.Single(await second.GetServicesAsync(Token))!["id"]!);
    }

    [Fact]
    public async Task Metrics_Run_HaveTheControllersNames()
    {
        await using var running = await StartAsync();

        string[] all = ["controller_runtime_reconcile_total{controller=\"servicemonitor\"", "workqueue_depth{name=\"status\"}", "healthtrack_status_writes_total{urgency=\"at_once\",result=\"success\"}"];
        foreach (var series in all)
            await Eventually.TrueAsync(async () => (await ScrapeAsync(running)).Contains(series, StringComparison.Ordinal), $"{series} is there", Token);
    }

    private static string Http(string url) => $$"""{"http":{"url":"{{url}}"},"interval":"1s"}""";

    private static async Task<string> ScrapeAsync(RunningOperator running) => await running.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);

    private Task<RunningOperator> StartAsync() => RunningOperator.StartAsync(server, _kubeconfig, _ns, _storage, Token);

    private async Task<List<string?>> EventReasonsAsync()
    {
        var events = JsonNode.Parse(await server.KubectlAsync("get", "events", "-n", _ns, "-o", "json"))!;
        return [.. events["items"]!.AsArray().Select(e => (string?)e!["reason"])];
    }
}
