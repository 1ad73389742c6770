using System.Net;
using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Tests.Api;

public sealed class ServiceReadsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Rows_OfTheApi_ShareNoNameWithCore()
    {
        var core = typeof(Core.Sre.MetricLevels).Assembly.GetExportedTypes().Select(type => type.Name);
        Assert.Empty(typeof(MetricLevelsRow).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(MetricLevelsRow).Namespace).Select(type => type.Name).Intersect(core));
    }

    [Fact]
    public async Task Summary_AfterChecks_HasExactlyTheKeysAndTheirNumbers()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api", more: "displayName: The API");
        await using var worker = await host.WorkerAsync(Cancel);
        var due = host.Now - 60_000;
        await worker.SendAsync(Cancel,
            EngineHost.Result(state, due, micros: 10_000), EngineHost.Result(state, due + 1000, micros: 20_000),
            EngineHost.Result(state, due + 2000, Outcome.Error), EngineHost.Result(state, due + 3000, micros: 30_000));
        await worker.UntilAcknowledgedAsync(Cancel);

        var summary = await host.GetAsync<JsonElement>($"/services/{state.Id}/metrics-summary", Cancel);

        Assert.Equal(
            [
                "service_id", "service_name", "current_status", "avg_response_time_ms", "p95_response_time_ms", "p99_response_time_ms",
                "error_rate_percent", "uptime_percent_24h", "request_rate_rpm", "throughput_rps", "apdex_score", "checks_count", "last_check_timestamp",
            ],
            summary.EnumerateObject().Select(p => p.Name));
        Assert.Equal("The API", summary.GetProperty("service_name").GetString());
        Assert.Equal("ok", summary.GetProperty("current_status").GetString());
        Assert.Equal(20, summary.GetProperty("avg_response_time_ms").GetDouble());
        Assert.Equal(30, summary.GetProperty("p95_response_time_ms").GetDouble());
        Assert.Equal(25, summary.GetProperty("error_rate_percent").GetDouble());
        Assert.Equal(75, summary.GetProperty("uptime_percent_24h").GetDouble());
        Assert.Equal(0.75, summary.GetProperty("apdex_score").GetDouble());
        Assert.Equal(4, summary.GetProperty("checks_count").GetInt32());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(due + 3000), summary.GetProperty("last_check_timestamp").GetDateTimeOffset());
    }

    [Fact]
    public async Task Summary_WithoutChecks_IsNullNeverZero()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");

        var summary = await host.GetAsync<MetricsSummary>($"/services/{state.Id}/metrics-summary", Cancel);

        Assert.Equal("unknown", summary.CurrentStatus);
        Assert.Null(summary.AvgResponseTimeMs);
        Assert.Null(summary.ErrorRatePercent);
        Assert.Null(summary.UptimePercent24h);
        Assert.Null(summary.ApdexScore);
        Assert.Null(summary.LastCheckTimestamp);
        Assert.Equal(0, summary.ChecksCount);
    }

    [Fact]
    public async Task List_Pages_LeadThroughAllByIdOnce()
    {
        await using var host = await EngineHost.StartAsync();
        for (var i = 0; i < 7; i++)
            await host.DeclareAsync($"s{i}");

        var seen = new List<long>();
        Uri? next = new(host.Client.BaseAddress!, "/services?limit=3");
        var pages = 0;
        while (next is not null)
        {
            using var response = await host.Client.GetAsync(next, Cancel);
            var rows = JsonSerializer.Deserialize<List<ServiceRow>>(await response.Content.ReadAsStringAsync(Cancel), ApiJson.Options)!;
            seen.AddRange(rows.Select(r => r.Id));
            pages++;
            next = response.Headers.TryGetValues("Link", out var link) ? new Uri(next, link.Single().Split('<', '>')[1]) : null;
        }

        Assert.Equal(3, pages);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(7, seen.Distinct().Count());
    }

    [Theory]
    [InlineData("namespace=shop", "cart,pay")]
    [InlineData("q=CAR", "cart")]
    [InlineData("q=The%20till", "pay")]
    [InlineData("q=10.0.0.9", "db")]
    [InlineData("label=tier", "cart,db")]
    [InlineData("label=tier=front", "cart")]
    [InlineData("label=tier=front&label=team=a", "cart")]
    [InlineData("label=tier=front&label=team=b", "")]
    [InlineData("health=unknown", "cart,db,pay")]
    [InlineData("health=Healthy,Degraded", "")]
    [InlineData("health=Unknown&namespace=shop&q=pay", "pay")]
    public async Task List_Filtered_HoldsWhatMatches(string query, string names)
    {
        await using var host = await EngineHost.StartAsync();
        await host.DeclareAsync("cart", "shop", labels: "{tier: front, team: a}");
        await host.DeclareAsync("pay", "shop", more: "displayName: the TILL");
        await host.DeclareAsync("db", "infra", "http://10.0.0.9/", labels: "{tier: back}");

        var rows = await host.GetAsync<List<ServiceRow>>($"/services?{query}", Cancel);

        Assert.Equal(names.Split(',', StringSplitOptions.RemoveEmptyEntries), rows.Select(r => r.Name).Order());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=ten")]
    [InlineData("limit=1&limit=2")]
    [InlineData("after=x")]
    [InlineData("health=fine")]
    [InlineData("health=1")]
    [InlineData("label==x")]
    public async Task List_WrongQuery_IsRefusedByName(string query)
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.Client.GetAsync($"/services?{query}", Cancel);

        var problem = await EngineHost.ProblemAsync(response, 400, Cancel);
        Assert.Contains(query.Split('=')[0], problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_InvalidManifest_IsARowThatSaysWhy()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("wrong", more: "intervall: 5s");

        var row = await host.GetAsync<ServiceDetail>($"/services/{state.Id}", Cancel);

        Assert.Equal("Unknown", row.Health);
        Assert.Equal("InvalidSpec", row.Reason);
        Assert.Contains("intervall", row.Message, StringComparison.Ordinal);
        Assert.Null(row.Url);
        Assert.Null(row.IntervalSeconds);
        Assert.Null(row.Settings);
        Assert.Equal("unknown", row.CurrentStatus);
        Assert.Contains(row.Conditions, c => c is { Type: "Stalled", Status: "True" });
    }

    [Fact]
    public async Task Get_SlowAndFailing_WearsTheColoursOfItsThresholds()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        var due = host.Now - 60_000;
        await worker.SendAsync(Cancel, [.. Enumerable.Range(0, 9).Select(i => EngineHost.Result(state, due + i, micros: 1_200_000)), EngineHost.Result(state, due + 9, Outcome.Down)]);
        await worker.UntilAcknowledgedAsync(Cancel);

        var row = await host.GetAsync<ServiceDetail>($"/services/{state.Id}", Cancel);

        Assert.Equal(
            new ThresholdsRow(new(1000, 1500), new(1500, 2200), new(2000, 3000), new(0.8, 0.6), new(2, 5), new(95, 90)), row.Settings!.Thresholds);
        Assert.Equal((3600, 1000, 1, "default"), (row.Settings.WindowSeconds, row.Settings.ApdexThresholdMs, row.Settings.Quorum, row.Settings.Pools.Single()));
        Assert.Equal(new MetricLevelsRow("warning", "good", "good", "critical", "critical", "warning"), row.Levels);
        Assert.Equal("Unhealthy", row.Health);
        Assert.Equal("down", row.CurrentStatus);
    }

    [Theory]
    [InlineData("/services/99")]
    [InlineData("/services/99/metrics-summary")]
    [InlineData("/services/99/checks")]
    [InlineData("/services/99/checks-detailed")]
    [InlineData("/services/abc")]
    [InlineData("/services/99999999999999999999999")]
    [InlineData("/nowhere")]
    public async Task Get_Unknown_Is404Problem(string path)
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.Client.GetAsync(path, Cancel);
        await EngineHost.ProblemAsync(response, 404, Cancel);
    }

    [Fact]
    public async Task Patch_KnownPath_Is405ProblemThatNamesWhatIsAllowed()
    {
        await using var host = await EngineHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/services/1/checks");
        using var response = await host.Client.SendAsync(request, Cancel);
        await EngineHost.ProblemAsync(response, 405, Cancel);
        Assert.Contains("GET", response.Content.Headers.Allow);
    }

    [Fact]
    public async Task List_BeforeTheSourcesAreRead_Is503WithRetryAfter()
    {
        await using var host = await EngineHost.StartAsync(new MonitorBoard { Syncs = false });
        using var response = await host.Client.GetAsync("/services", Cancel);
        await EngineHost.ProblemAsync(response, 503, Cancel);
        Assert.NotNull(response.Headers.RetryAfter);
        using var ready = await host.Client.GetAsync("/readyz", Cancel);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("\"status\":\"degraded\"", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
