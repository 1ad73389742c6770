using System.Diagnostics;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Metrics;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Api;

namespace HealthTrack.Engine.Tests.Metrics;

public sealed class MetricsTests
{
    private const int MaxSeries = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scrape_MonitorWithEverything_HasItsNumbersInAtMostThirtySeries()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api", "shop");
        await using var worker = await host.WorkerAsync(Cancel);
        var due = host.Now - 60_000;
        var certificate = new CertificateFacts(DateTimeOffset.UnixEpoch.AddYears(70), "CN=x");
        await worker.SendAsync(Cancel,
            EngineHost.Result(state, due, micros: 40_000), EngineHost.Result(state, due + 1, micros: 50_000), EngineHost.Result(state, due + 2, micros: 7_000_000),
            EngineHost.Result(state, due + 3, Outcome.Error) with { Certificate = certificate });
        await worker.UntilAcknowledgedAsync(Cancel);

        var all = await ScrapeAsync(host);
        var mine = all.Where(s => s.Labels.GetValueOrDefault("service") == "api").ToList();

        Assert.Equal(MaxSeries, mine.Count);
        Assert.All(mine, s => Assert.Equal("shop", s.Labels["namespace"]));
        double Value(string name, string? label = null, string? value = null) =>
            mine.Single(s => s.Name == name && (label is null || s.Labels[label] == value)).Value;
        Assert.Equal([3, 0, 1, 0], new[] { "ok", "warn", "error", "down" }.Select(s => Value("health_checks_total", "status", s)));
        Assert.Equal(2, Value("health_check_response_time_seconds_bucket", "le", "0.05"));
        Assert.Equal(2, Value("health_check_response_time_seconds_bucket", "le", "5"));
        Assert.Equal(3, Value("health_check_response_time_seconds_bucket", "le", "+Inf"));
        Assert.Equal(3, Value("health_check_response_time_seconds_count"));
        Assert.Equal(7.09, Value("health_check_response_time_seconds_sum"), 9);
        Assert.Equal(1, Value("healthtrack_health", "state", "Unhealthy"));
        Assert.Equal(1, mine.Where(s => s.Name == "healthtrack_health").Sum(s => s.Value));
        Assert.Equal(0.05, Value("healthtrack_latency_seconds", "quantile", "0.5"));
        Assert.Equal(7, Value("healthtrack_latency_seconds", "quantile", "0.99"));
        Assert.Equal(0.25, Value("healthtrack_error_ratio"));
        Assert.Equal(0.75, Value("healthtrack_uptime_ratio"));
        Assert.Equal(certificate.NotAfter.ToUnixTimeSeconds(), Value("healthtrack_certificate_expiry_timestamp_seconds"));
        var info = mine.Single(s => s.Name == "healthtrack_monitor_info");
        Assert.Equal(("http", "http://127.0.0.1:9/"), (info.Labels["kind"], info.Labels["target"]));
    }

    [Fact]
    public async Task Scrape_MonitorWithoutChecks_HasNoNumbersButItsHealth()
    {
        await using var host = await EngineHost.StartAsync();
        await host.DeclareAsync("api");
        var mine = (await ScrapeAsync(host)).Where(s => s.Labels.GetValueOrDefault("service") == "api").ToList();
        Assert.DoesNotContain(mine, s => s.Name is "healthtrack_apdex_score" or "healthtrack_uptime_ratio" or "healthtrack_latency_seconds");
        Assert.Equal(1, mine.Single(s => s.Name == "healthtrack_health" && s.Labels["state"] == "Unknown").Value);
    }

    [Fact]
    public async Task Scrape_AfterADelete_HasNoneOfItsSeries()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        using var deleted = await host.Client.DeleteAsync($"/services/{state.Id}", Cancel);
        Assert.DoesNotContain(await ScrapeAsync(host), s => s.Labels.Values.Contains("api"));
    }

    [Fact]
    public async Task Scrape_Workers_AreThereWhileTheyAreConnected()
    {
        await using var host = await EngineHost.StartAsync();
        await using (var worker = await host.WorkerAsync(Cancel, id: "w\"1"))
        {
            await worker.HeartbeatAsync(new WorkerHeartbeat(host.Now, 3, 40, 5, 12.5, 6, 7), Cancel);
            var connected = (await ScrapeAsync(host)).Where(s => s.Labels.GetValueOrDefault("worker") == "w\"1").ToDictionary(s => s.Name, s => s.Value);
            Assert.Equal(1, connected["healthtrack_worker_connected"]);
            Assert.Equal(0.0125, connected["healthtrack_worker_scheduler_lag_p99_seconds"]);
            Assert.Equal(7, connected["healthtrack_worker_results_dropped"]);
        }
        Assert.DoesNotContain(await ScrapeAsync(host), s => s.Labels.ContainsKey("worker"));
    }

    [Fact]
    public async Task Scrape_TwoApplicationsInOneProcess_DoNotShareTheirNumbers()
    {
        await using var one = await EngineHost.StartAsync();
        await using var two = await EngineHost.StartAsync();
        await one.DeclareAsync("api");
        Assert.Equal(1, (await ScrapeAsync(one)).Single(s => s.Name == "healthtrack_monitors").Value);
        Assert.Equal(0, (await ScrapeAsync(two)).Single(s => s.Name == "healthtrack_monitors").Value);
    }

    [Fact]
    public async Task Scrape_Text_PassesPromtool()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        await worker.HeartbeatAsync(new WorkerHeartbeat(host.Now, 3, 40, 5, 12.5, 6, 7), Cancel);
        await worker.SendAsync(Cancel, EngineHost.Result(state, host.Now - 60_000));
        await worker.UntilAcknowledgedAsync(Cancel);
        var text = await host.Client.GetStringAsync("/metrics", Cancel);

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync(Cancel) + await promtool.StandardOutput.ReadToEndAsync(Cancel);
        await promtool.WaitForExitAsync(Cancel);

        Assert.True(promtool.ExitCode == 0, said);
    }

    [Theory]
    [InlineData("http://127.0.0.1/\"}\n# TYPE x\\")]
    [InlineData("http://127.0.0.1/ünïcödé/\ud83d\ude00")]
    public async Task Write_HostileTarget_IsReadBackAsItWas(string target)
    {
        var fleet = new Fleet();
        fleet.Add(State(1, target));
        var info = (await WriteAsync(fleet)).Single(s => s.Name == "healthtrack_monitor_info");
        Assert.Equal(target, info.Labels["target"]);
    }

    [Fact]
    public async Task Write_EndlessTarget_IsCutBetweenCharacters()
    {
        var fleet = new Fleet();
        fleet.Add(State(1, new string('x', 255) + "\ud83d\ude00" + new string('y', 5000)));
        var info = (await WriteAsync(fleet)).Single(s => s.Name == "healthtrack_monitor_info");
        Assert.Equal(new string('x', 255), info.Labels["target"]);
    }

    [Fact]
    public async Task Write_ManyMonitors_KeepsFamiliesTogetherAndSeriesBounded()
    {
        var fleet = new Fleet();
        for (var id = 1; id <= 3000; id++)
            fleet.Add(State(id, $"http://127.0.0.1/{id}"));
        var samples = await WriteAsync(fleet);
        Assert.All(samples.GroupBy(s => s.Labels["service"]), g => Assert.InRange(g.Count(), 1, MaxSeries));
        Assert.Equal(3000, samples.Count(s => s.Name == "healthtrack_monitor_info"));
    }

    private static async Task<List<Sample>> ScrapeAsync(EngineHost host)
    {
        using var response = await host.Client.GetAsync("/metrics", Cancel);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return PrometheusParser.Parse(await response.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<List<Sample>> WriteAsync(Fleet fleet)
    {
        using var output = new MemoryStream();
        var pipe = System.IO.Pipelines.PipeWriter.Create(output);
        await new MonitorMetrics(fleet, TimeProvider.System).WriteAsync(pipe, Cancel);
        await pipe.CompleteAsync();
        return PrometheusParser.Parse(System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }

    private static MonitorState State(long id, string target)
    {
        var key = new MonitorKey("default", $"m{id}");
        var monitor = new Monitor
        {
            Uid = $"u{id}", Key = key, Generation = 1, DisplayName = key.Name,
            Spec = new MonitorSpec
            {
                Interval = TimeSpan.FromSeconds(30), Timeout = TimeSpan.FromSeconds(5), Window = TimeSpan.FromHours(1), Check = new AnyCheck(target),
            },
        };
        var stored = new StoredMonitor
        {
            Id = id, Key = key, Uid = monitor.Uid, Generation = 1, Manifest = "{}", CountsFrom = 0, CountsFromGeneration = 0, DeletedAt = null,
        };
        return new MonitorState(stored, new MonitorDeclaration { Key = key, Uid = monitor.Uid, Monitor = monitor }, monitor, 1_000_000);
    }

    private sealed record AnyCheck(string Where) : CheckSpec
    {
        public override string Kind => "http";

        public override string Target => Where;
    }
}
