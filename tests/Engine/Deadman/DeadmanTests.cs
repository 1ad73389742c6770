using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Tests.Api;
using HealthTrack.Engine.Tests.Leadership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Deadman;

/// <summary>The dead man's switch of the whole engine.</summary>
public sealed class DeadmanTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Elected_AndWell_CallsAndSaysNowhereWhereTheSwitchIs()
    {
        await using var called = await DeadmanSwitch.StartAsync(Cancel);
        var log = new KeptLog();
        await using var host = await StartAsync(called.Url, log, new MonitorBoard());
        // All is well, and one that led would call at once.
        host.App.Services.GetRequiredService<Engine.Intake.IntakeProgress>().Synced();
        var since = host.Time.GetTimestamp();
        await Eventually.True(() => host.Time.GetElapsedTime(since) > TimeSpan.FromSeconds(3), "time passes", Cancel);
        Assert.Empty(called.Calls);

        ((StubLeadership)host.App.Services.GetRequiredService<ILeadership>()).Elect();
        await Eventually.TrueAsync(
            async () => (await host.Client.GetStringAsync("/metrics", Cancel)).Contains("healthtrack_deadman_calls_total{result=\"ok\"} 1", StringComparison.Ordinal), "called", Cancel);

        Assert.Equal(["GET /ping/hush"], called.Calls);
        Assert.Equal("ok", (await host.GetAsync<HealthReport>("/readyz", Cancel)).Components["deadman"].Status);
        await SaysNothingAsync(host, log);
    }

    [Fact]
    public async Task Elected_SwitchThatSendsItElsewhere_DoesNotFollow()
    {
        await using var called = await DeadmanSwitch.StartAsync(Cancel);
        called.Status = 302;
        var log = new KeptLog();
        await using var host = await StartAsync(called.Url, log, new MonitorBoard());
        ((StubLeadership)host.App.Services.GetRequiredService<ILeadership>()).Elect();

        await Eventually.TrueAsync(
            async () => (await host.GetAsync<HealthReport>("/readyz", Cancel)).Components["deadman"].Status == "degraded", "it failed", Cancel);
        Assert.Equal(["GET /ping/hush"], called.Calls);
        Assert.Equal(
            "The dead man's switch was not called the last time: 127.0.0.1 answered 302.", (await host.GetAsync<HealthReport>("/readyz", Cancel)).Components["deadman"].Message);
        Assert.Contains(log.Lines, l => l.Contains("127.0.0.1 answered 302.", StringComparison.Ordinal));
        await SaysNothingAsync(host, log);
    }

    [Fact]
    public async Task Elected_MonitorsStillBeingRead_DoesNotCall()
    {
        await using var called = await DeadmanSwitch.StartAsync(Cancel);
        var board = new MonitorBoard { Syncs = false };
        await using var host = await StartAsync(called.Url, new KeptLog(), board);
        ((StubLeadership)host.App.Services.GetRequiredService<ILeadership>()).Elect();
        board.Put(EngineHost.Manifest("api"));
        var api = await host.ExistsAsync(new("default", "api"), Cancel);
        Assert.Empty(called.Calls);

        host.App.Services.GetRequiredService<Engine.Intake.IntakeProgress>().Synced();
        await using var worker = await host.WorkerAsync(Cancel);
        await worker.SendAsync(Cancel, EngineHost.Result(api, host.Now));
        await Eventually.True(() => !called.Calls.IsEmpty, "called once a result is known", Cancel);
        Assert.NotEqual(Core.Sre.Health.Unknown, api.Health);
    }

    private static Task<EngineHost> StartAsync(string url, KeptLog log, MonitorBoard board) => EngineHost.StartAsync(
        board, services => services.AddSingleton<ILeadership, StubLeadership>().AddLogging(logging => logging.AddProvider(log).AddFilter<KeptLog>(null, LogLevel.Trace)),
        o => o with { DeadmanUrl = url }, elected: false);

    private static async Task SaysNothingAsync(EngineHost host, KeptLog log)
    {
        Assert.DoesNotContain(log.Lines, l => l.Contains("hush", StringComparison.Ordinal));
        foreach (var path in (string[])["/metrics", "/readyz", "/services", "/channels"])
            Assert.DoesNotContain("hush", await host.Client.GetStringAsync(path, Cancel), StringComparison.Ordinal);
    }
}
