using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Tests.Storage;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>The past as the API tells it, over the stores.</summary>
public abstract class HistoryTests
{
    private const long Minute = 60_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The store's setting; null: the host's own SQLite file.</summary>
    protected abstract Task<string?> StorageAsync();

    [Fact]
    public async Task History_ChecksOfThreeMinutes_AreCountedAndMeasuredByTheMinute()
    {
        await using var host = await StartAsync();
        var state = await host.DeclareAsync("api", more: "interval: 10s");
        await using var worker = await host.WorkerAsync(Cancel);
        var first = (host.Now / Minute - 10) * Minute;
        await worker.SendAsync(Cancel, [.. Enumerable.Range(0, 20).Select(i => EngineHost.Result(state, first + i, micros: (20 - i) * 1000))]);
        await worker.SendAsync(
            Cancel,
            EngineHost.Result(state, first + Minute, Outcome.Warn),
            EngineHost.Result(state, first + Minute + 1, Outcome.Error),
            EngineHost.Result(state, first + Minute + 2, Outcome.Down),
            EngineHost.Result(state, first + Minute + 3),
            EngineHost.Result(state, first + Minute + 4, Outcome.Down, kind: CheckKind.Manual));
        await worker.UntilAcknowledgedAsync(Cancel);

        var report = await host.GetAsync<HistoryReport>($"/services/{state.Id}/history?from={first}&to={first + 3 * Minute}&step=60", Cancel);

        Assert.Equal((first, 60.0, 3), (report.From.ToUnixTimeMilliseconds(), report.StepSeconds, report.Buckets.Count));
        Assert.Equal(["unknown"], report.Estimated);
        var (one, two, three) = (report.Buckets[0], report.Buckets[1], report.Buckets[2]);
        Assert.Equal((20, 0, 0, 0, 100.0, 20), (one.Ok, one.Warn, one.Error, one.Down, one.UptimePercent, one.LatencyCount));
        Assert.Equal((10.5, 10, 19, 20), (one.AvgResponseTimeMs, one.P50ResponseTimeMs, one.P95ResponseTimeMs, one.P99ResponseTimeMs));
        Assert.Equal((1, 1, 1, 1, 25.0), (two.Ok, two.Warn, two.Error, two.Down, two.UptimePercent));
        // A minute without a check: six were due.
        Assert.Equal((0, 6, null, null), (three.Ok, three.Unknown, three.UptimePercent, three.P95ResponseTimeMs));
    }

    [Fact]
    public async Task History_NothingAsked_IsTheLastDayInAboutAHundredBuckets()
    {
        await using var host = await StartAsync();
        var state = await host.DeclareAsync("api");
        var report = await host.GetAsync<JsonElement>($"/services/{state.Id}/history", Cancel);
        Assert.Equal(["service_id", "from", "to", "step_seconds", "estimated", "buckets"], report.EnumerateObject().Select(p => p.Name));
        Assert.Equal(900, report.GetProperty("step_seconds").GetDouble());
        Assert.InRange(report.GetProperty("buckets").GetArrayLength(), 96, 97);
        Assert.Equal(
            [
                "start", "ok", "warn", "error", "down", "unknown", "uptime_percent", "latency_count", "avg_response_time_ms", "p50_response_time_ms",
                "p95_response_time_ms", "p99_response_time_ms",
            ],
            report.GetProperty("buckets")[0].EnumerateObject().Select(p => p.Name));
        Assert.All(report.GetProperty("buckets").EnumerateArray(), b => Assert.Equal(0, b.GetProperty("unknown").GetInt32()));
    }

    [Theory]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from")]
    [InlineData("from=yesterday", "from")]
    [InlineData("step=0", "step")]
    [InlineData("step=1.5s", "step")]
    [InlineData("step=soon", "step")]
    [InlineData("step=1s", "step")]
    [InlineData("from=0&step=1h", "step")]
    public async Task History_WrongQuery_Is400AndNamesTheParameter(string query, string parameter)
    {
        await using var host = await StartAsync();
        var state = await host.DeclareAsync("api");
        using var response = await host.Client.GetAsync($"/services/{state.Id}/history?{query}", Cancel);
        var problem = await EngineHost.ProblemAsync(response, 400, Cancel);
        Assert.Contains($"parameter {parameter} ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_StepAsADuration_AlignsToTheEpoch()
    {
        await using var host = await StartAsync();
        var state = await host.DeclareAsync("api");
        var report = await host.GetAsync<HistoryReport>($"/services/{state.Id}/history?from=2026-01-01T00:07:00Z&to=2026-01-01T00:31:00Z&step=15m", Cancel);
        Assert.Equal(["00:00", "00:15", "00:30"], report.Buckets.Select(b => b.Start.ToString("HH:mm", null)));
    }

    [Fact]
    public async Task History_NoSuchService_Is404()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/services/99/history", Cancel);
        await EngineHost.ProblemAsync(response, 404, Cancel);
    }

    private async Task<EngineHost> StartAsync() =>
        await StorageAsync() is { } url ? await EngineHost.StartAsync(configure: o => o with { Storage = url }) : await EngineHost.StartAsync();
}

public sealed class SqliteHistoryTests : HistoryTests
{
    protected override Task<string?> StorageAsync() => Task.FromResult<string?>(null);
}

public sealed class PostgresHistoryTests(PostgresPlace place) : HistoryTests, IClassFixture<PostgresPlace>
{
    protected override async Task<string?> StorageAsync()
    {
        await place.EmptyAsync();
        return place.Url;
    }
}
