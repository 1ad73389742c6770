using System.Net;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Tests.Api;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Leadership;

/// <summary>The whole engine while it does not lead, when it is elected, and when it leads no more.</summary>
public sealed class StandbyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_Standby_SaysWhoLeadsAndServesWhatIsItsOwn()
    {
        await using var host = await StartAsync(new MonitorBoard { Syncs = false });
        LeadershipOf(host).Follow("other-pod");

        foreach (var path in (string[])["/services", "/services/1", "/workers", "/stream", "/openapi/v1.json", "/nothing"])
        {
            using var refused = await host.Client.GetAsync(path, Cancel);
            var problem = await EngineHost.ProblemAsync(refused, 503, Cancel);
            Assert.Contains("other-pod", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        using (var leads = await host.Client.GetAsync("/leaderz", Cancel))
            Assert.Contains("other-pod", (await EngineHost.ProblemAsync(leads, 503, Cancel)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        using (var alive = await host.Client.GetAsync("/healthz", Cancel))
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        var ready = await host.GetAsync<HealthReport>("/readyz", Cancel);
        Assert.Equal("standby", ready.Status);
        Assert.Contains("other-pod", ready.Components["leadership"].Message, StringComparison.Ordinal);
        var metrics = await host.Client.GetStringAsync("/metrics", Cancel);
        Assert.Contains("healthtrack_build_info", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("healthtrack_monitor_info", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Standby_DoesNotTouchTheStoreBeforeItIsElected()
    {
        var board = new MonitorBoard { Syncs = false };
        board.Put(EngineHost.Manifest("api"));
        using var folder = new TemporaryFolder();
        var file = folder.File("standby.db");
        await using var host = await StartAsync(board, o => o with { Storage = $"sqlite:{file}" });
        using (var refused = await host.Client.GetAsync("/services", Cancel))
            await EngineHost.ProblemAsync(refused, 503, Cancel);
        Assert.False(File.Exists(file));
        Assert.Equal(0, host.Fleet.Count);

        LeadershipOf(host).Elect();
        await host.ExistsAsync(new MonitorKey("default", "api"), Cancel);
        using var leads = await host.Client.GetAsync("/leaderz", Cancel);
        Assert.Equal(HttpStatusCode.OK, leads.StatusCode);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Results_BeforeTheFleetIsKnown_WaitUnacknowledgedAndAreStoredThen()
    {
        var board = new MonitorBoard { Syncs = false };
        await using var host = await StartAsync(board);
        LeadershipOf(host).Elect();
        board.Put(EngineHost.Manifest("early"));
        var early = await host.ExistsAsync(new MonitorKey("default", "early"), Cancel);
        await using var worker = await host.WorkerAsync(Cancel);
        await worker.SendAsync(Cancel, EngineHost.Result(early, host.Now - 1000));
        // One that the source has not come to yet.
        var late = EngineHost.Result(early, host.Now - 1000) with { Uid = MonitorUid.For(new MonitorKey("default", "late")) };
        await worker.SendAsync(Cancel, late);

        board.Put(EngineHost.Manifest("late"));
        var state = await host.ExistsAsync(new MonitorKey("default", "late"), Cancel);
        Assert.Equal(state.Stored.Uid, late.Uid);
        Assert.Equal(0, state.Snapshot(host.Now).Window.Checks);
        host.App.Services.GetRequiredService<Engine.Intake.IntakeProgress>().Synced();
        await worker.UntilAcknowledgedAsync(Cancel);

        Assert.Equal(1, state.Snapshot(host.Now).Window.Checks);
        Assert.Contains("healthtrack_results_stored_total 2", await host.Client.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_StagesAreCutOffAndTheProgramStopsWithASentence()
    {
        var board = new MonitorBoard();
        board.Put(EngineHost.Manifest("api"));
        var host = await StartAsync(board);
        try
        {
            LeadershipOf(host).Elect();
            var state = await host.ExistsAsync(new MonitorKey("default", "api"), Cancel);
            await host.App.Services.GetRequiredService<Engine.Intake.IntakeProgress>().FirstSync.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            var pipeline = host.App.Services.GetRequiredService<Engine.Results.ResultPipeline>();

            LeadershipOf(host).TakeAway();
            var acknowledged = false;
            await pipeline.WriteAsync(new Engine.Results.IncomingResults([EngineHost.Result(state, host.Now)], "default", () => acknowledged = true), Cancel);
            await Eventually.True(() => pipeline.ExecuteTask!.IsCompleted, "the pipeline has ended", Cancel);
            await Eventually.True(() => host.App.Lifetime.ApplicationStopping.IsCancellationRequested, "the program stops", Cancel);
            await host.App.StopAsync(Cancel);
            Assert.False(acknowledged);
            Assert.Equal("Another process leads.", EngineApp.WhyStopped(host.App));
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static StubLeadership LeadershipOf(EngineHost host) => (StubLeadership)host.App.Services.GetRequiredService<ILeadership>();

    private static async Task<EngineHost> StartAsync(MonitorBoard board, Func<EngineOptions, EngineOptions>? configure = null) =>
        await EngineHost.StartAsync(board, services => services.AddSingleton<ILeadership, StubLeadership>(), configure, elected: false);
}
