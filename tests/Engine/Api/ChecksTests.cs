using System.Net.Http.Json;
using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Dispatch;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Api;

public sealed class ChecksTests
{
    private const string NeedsASecret =
        """{"spec":{"http":{"url":"http://127.0.0.1:9/","headers":[{"name":"X-Key","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checks_Pages_LeadThroughAllNewestFirst()
    {
        await using var host = await EngineHost.StartAsync();
        var (state, first) = await FilledAsync(host, 25);

        var seen = new List<CheckRow>();
        Uri? next = new(host.Client.BaseAddress!, $"/services/{state.Id}/checks?limit=10&since={first + 5000}");
        while (next is not null)
        {
            using var response = await host.Client.GetAsync(next, Cancel);
            var rows = (await response.Content.ReadFromJsonAsync<List<CheckRow>>(ApiJson.Options, Cancel))!;
            seen.AddRange(rows);
            next = response.Headers.TryGetValues("Link", out var link) ? new Uri(next, link.Single().Split('<', '>')[1]) : null;
        }

        Assert.Equal(
            Enumerable.Range(5, 20).Reverse().Select(i => DateTimeOffset.FromUnixTimeMilliseconds(first + i * 1000)),
            seen.Select(c => c.Timestamp));
        Assert.All(seen, c => Assert.Equal(("default", "scheduled", state.Id), (c.Location, c.Kind, c.ServiceId)));
    }

    [Fact]
    public async Task Checks_Row_HasExactlyTheKeys()
    {
        await using var host = await EngineHost.StartAsync();
        var (state, first) = await FilledAsync(host, 1);
        var row = (await host.GetAsync<JsonElement>($"/services/{state.Id}/checks", Cancel))[0];
        Assert.Equal(
            ["id", "service_id", "timestamp", "started_at", "status", "response_time_ms", "status_code", "location", "kind", "error"],
            row.EnumerateObject().Select(p => p.Name));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(first).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null), row.GetProperty("timestamp").GetString());
        Assert.Equal(10, row.GetProperty("response_time_ms").GetDouble());
        var detailed = (await host.GetAsync<JsonElement>($"/services/{state.Id}/checks-detailed", Cancel))[0];
        Assert.Equal(
            [
                .. row.EnumerateObject().Select(p => p.Name), "phases", "latency_p50_ms", "latency_p95_ms", "latency_p99_ms", "request_rate_rpm",
                "error_rate_percent", "uptime_percent", "throughput_rps", "apdex_score",
            ],
            detailed.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("since=yesterday")]
    [InlineData("since=-5")]
    [InlineData("since=2026-01-01")]
    [InlineData("after=5")]
    [InlineData("after=a-b")]
    public async Task Checks_WrongQuery_Is400(string query)
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        using var response = await host.Client.GetAsync($"/services/{state.Id}/checks?{query}", Cancel);
        await EngineHost.ProblemAsync(response, 400, Cancel);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00.123%2B02:00")]
    [InlineData("2026-01-01T00:00:00+02:00")]
    [InlineData("1767225600000")]
    public async Task Checks_SinceInAnyForm_IsTaken(string since)
    {
        await using var host = await EngineHost.StartAsync();
        var (state, _) = await FilledAsync(host, 2);
        Assert.Equal(2, (await host.GetAsync<List<CheckRow>>($"/services/{state.Id}/checks?since={since}", Cancel)).Count);
    }

    [Fact]
    public async Task Detailed_EachCheck_HasTheNumbersOfAllThatWereDueByThen()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        var first = host.Now - 120_000;
        var outcomes = new[] { Outcome.Ok, Outcome.Down, Outcome.Ok, Outcome.Ok };
        await worker.SendAsync(Cancel, [.. outcomes.Select((o, i) => EngineHost.Result(state, first + i * 1000, o, (i + 1) * 10_000))]);
        // One that comes late counts at its due time; one that a person asked for counts in nothing.
        await worker.SendAsync(Cancel, EngineHost.Result(state, first + 500, Outcome.Ok, 70_000));
        await worker.SendAsync(Cancel, EngineHost.Result(state, first + 3500, Outcome.Down, kind: CheckKind.Manual));
        await worker.UntilAcknowledgedAsync(Cancel);

        var rows = await host.GetAsync<List<DetailedCheckRow>>($"/services/{state.Id}/checks-detailed", Cancel);

        Assert.Equal([3500, 3000, 2000, 1000, 500, 0], rows.Select(r => r.Timestamp.ToUnixTimeMilliseconds() - first));
        Assert.Equal([20, 20, 25, 100 / 3.0, 0, 0], rows.Select(r => r.ErrorRatePercent!.Value));
        Assert.Equal([80, 80, 75, 200 / 3.0, 100, 100], rows.Select(r => r.UptimePercent!.Value), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([70.0, 70, 70, 70, 70, 10], rows.Select(r => r.LatencyP99Ms!.Value));
        Assert.Equal([30.0, 30, 30, 10, 10, 10], rows.Select(r => r.LatencyP50Ms!.Value));
        Assert.Null(rows[^1].ThroughputRps);
        Assert.Equal(5 / 3.0, rows[1].ThroughputRps!.Value, 9);
        Assert.Equal(100, rows[1].RequestRateRpm!.Value, 9);
        Assert.Equal(12, rows[1].Phases.FirstByteMs);
    }

    [Fact]
    public async Task Detailed_NewestOfAll_SaysWhatTheSummarySays()
    {
        await using var host = await EngineHost.StartAsync();
        var (state, _) = await FilledAsync(host, 40);
        var row = (await host.GetAsync<List<DetailedCheckRow>>($"/services/{state.Id}/checks-detailed?limit=1", Cancel)).Single();
        var summary = await host.GetAsync<MetricsSummary>($"/services/{state.Id}/metrics-summary", Cancel);
        Assert.Equal(
            (summary.P95ResponseTimeMs, summary.P99ResponseTimeMs, summary.ErrorRatePercent, summary.UptimePercent24h, summary.ApdexScore),
            (row.LatencyP95Ms, row.LatencyP99Ms, row.ErrorRatePercent, row.UptimePercent, row.ApdexScore));
    }

    [Fact]
    public async Task Detailed_CheckOfAnEarlierTarget_HasNoNumbersButItsOwn()
    {
        await using var host = await EngineHost.StartAsync();
        var (state, _) = await FilledAsync(host, 3);
        await host.DeclareAsync("api", url: "http://127.0.0.2:9/");
        await Eventually.True(() => state.Monitor!.Spec.Check.Target.Contains("127.0.0.2", StringComparison.Ordinal), "the new target is in force", Cancel);

        var rows = await host.GetAsync<List<DetailedCheckRow>>($"/services/{state.Id}/checks-detailed", Cancel);

        Assert.Equal(3, rows.Count);
        Assert.All(rows, r => Assert.Null(r.ErrorRatePercent));
        Assert.All(rows, r => Assert.Null(r.UptimePercent));
    }

    [Fact]
    public async Task Run_WithAWorker_AnswersWithTheManualCheck()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        worker.OnRun = run => EngineHost.Result(state, run.DueTime, kind: CheckKind.Manual);
        await Eventually.True(() => worker.Assignments.Count == 1, "the worker has the monitor", Cancel);

        using var response = await host.PostAsync($"/services/{state.Id}/run", "", Cancel);

        Assert.True(response.IsSuccessStatusCode);
        var row = (await response.Content.ReadFromJsonAsync<CheckRow>(ApiJson.Options, Cancel))!;
        Assert.Equal(("manual", "ok", state.Id), (row.Kind, row.Status, row.ServiceId));
        Assert.Equal(row, (await host.GetAsync<List<CheckRow>>($"/services/{state.Id}/checks", Cancel)).Single());
        Assert.Equal(0, (await host.GetAsync<MetricsSummary>($"/services/{state.Id}/metrics-summary", Cancel)).ChecksCount);
    }

    [Fact]
    public async Task Run_WithoutAWorker_Is503()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        using var response = await host.PostAsync($"/services/{state.Id}/run", "", Cancel);
        await EngineHost.ProblemAsync(response, 503, Cancel);
    }

    [Fact]
    public async Task Run_WorkerThatIsSilent_Is504()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api", more: "interval: 1s\ntimeout: 10ms");
        await using var worker = await host.WorkerAsync(Cancel);
        await Eventually.True(() => worker.Assignments.Count == 1, "the worker has the monitor", Cancel);
        using var response = await host.PostAsync($"/services/{state.Id}/run", "", Cancel);
        await EngineHost.ProblemAsync(response, 504, Cancel);
    }

    [Theory]
    [InlineData("suspend: true")]
    [InlineData("intervall: 1s")]
    public async Task Run_SuspendedOrInvalid_Is409(string more)
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api", more: more);
        using var response = await host.PostAsync($"/services/{state.Id}/run", "", Cancel);
        await EngineHost.ProblemAsync(response, 409, Cancel);
    }

    [Theory]
    [InlineData("""{"spec":{"http":{"url":"http://127.0.0.1:9/"}}}""", "application/json")]
    [InlineData("""{"url":"http://127.0.0.1:9/"}""", "application/json")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1:9/","timeout_seconds":3}""", "application/json")]
    [InlineData("apiVersion: sre.healthtrack.io/v1alpha1\nkind: ServiceMonitor\nmetadata: {name: x}\nspec: {http: {url: 'http://127.0.0.1:9/'}}", "application/yaml")]
    public async Task Try_AnyForm_ExplainsAndStoresNothing(string body, string type)
    {
        var runner = new FakeRunner();
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner>(runner));

        using var response = await host.PostAsync("/checks/try", body, Cancel, type);

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        var tried = (await response.Content.ReadFromJsonAsync<TriedCheck>(ApiJson.Options, Cancel))!;
        Assert.Equal(("error", "127.0.0.1:9", 1), (tried.Status, tried.Address, tried.Expectations.Count));
        Assert.Equal("http://127.0.0.1:9/", runner.Last!.Check.Target);
        Assert.Equal(0, host.Fleet.Count);
    }

    [Fact]
    public async Task Try_SecretThatIsMissing_Is422WithoutARun()
    {
        var runner = new FakeRunner();
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner>(runner));
        using var response = await host.PostAsync("/checks/try", NeedsASecret, Cancel);
        var problem = await EngineHost.ProblemAsync(response, 422, Cancel);
        Assert.Contains("default/s", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(runner.Last);
    }

    [Fact]
    public async Task Try_SecretsCannotBeReadNow_Is503()
    {
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner>(new FakeRunner()).AddSingleton<ISecretSource>(new ScriptedSecrets { Broken = true }));
        using var response = await host.PostAsync("/checks/try", NeedsASecret, Cancel);
        var problem = await EngineHost.ProblemAsync(response, 503, Cancel);
        Assert.Equal("the API server is away", problem.GetProperty("detail").GetString());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("""{"spec":{"http":{"url":"nonsense"}}}""")]
    [InlineData("""{"spec":{"http":{"url":"http://127.0.0.1:9/"},"tcp":{"host":"x","port":1}}}""")]
    [InlineData("""{"spec":{"tcp":{"host":"x","port":1}}}""")]
    [InlineData("""{"spec":5}""")]
    [InlineData("""{}""")]
    public async Task Try_InvalidSpec_Is422(string body)
    {
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner>(new FakeRunner()));
        using var response = await host.PostAsync("/checks/try", body, Cancel);
        await EngineHost.ProblemAsync(response, 422, Cancel);
    }

    [Theory]
    [InlineData("""{"spec":{},"spec":{}}""", 422, "spec is given twice")]
    [InlineData("""{"spec":{"http":{"url":"http://127.0.0.1:9/","url":"http://127.0.0.1:9/"}}}""", 422, "spec.http.url is given twice")]
    [InlineData("""{"spec":{"http":{"url":"http://127.0.0.1:9/\ud800"}}}""", 400, "spec.http.url is not Unicode")]
    [InlineData("""{"spec":{"http":{"headers":[{"\udc00":1}]}}}""", 400, "spec.http.headers[0] is not Unicode")]
    public async Task Try_JsonWithoutAMeaning_IsAProblemThatNamesThePlace(string body, int status, string says)
    {
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner>(new FakeRunner()));
        using var response = await host.PostAsync("/checks/try", body, Cancel);
        var problem = await EngineHost.ProblemAsync(response, status, Cancel);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_WithoutARunner_Is503()
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.PostAsync("/checks/try", """{"url":"http://127.0.0.1:9/"}""", Cancel);
        await EngineHost.ProblemAsync(response, 503, Cancel);
    }

    private static async Task<(MonitorState State, long First)> FilledAsync(EngineHost host, int count)
    {
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        var first = host.Now - 120_000;
        await worker.SendAsync(Cancel, [.. Enumerable.Range(0, count).Select(i =>
            EngineHost.Result(state, first + i * 1000, i % 7 == 6 ? Outcome.Error : Outcome.Ok, 10_000 + i * 100))]);
        await worker.UntilAcknowledgedAsync(Cancel);
        return (state, first);
    }

    private sealed class FakeRunner : ICheckRunner
    {
        public Assignment? Last { get; private set; }

        public Task<ExplainedResult> RunAsync(Assignment assignment, CancellationToken cancellationToken)
        {
            Last = assignment;
            return Task.FromResult(new ExplainedResult
            {
                Result = new CheckResult
                {
                    Uid = assignment.Uid, Location = assignment.Location, Generation = 1, DueTime = 1, StartedAt = 1,
                    Kind = CheckKind.Manual, Outcome = Outcome.Error, LatencyMicros = 5000, CountsInLatency = false, Message = "status 500",
                },
                Address = "127.0.0.1:9",
                Expectations = [new ExpectationResult("status", "2xx", "500", false)],
            });
        }
    }
}
