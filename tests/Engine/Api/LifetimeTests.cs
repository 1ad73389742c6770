using HealthTrack.Contracts.Api;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Api;

public sealed class LifetimeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WorkerOfTheHostSendsAtTheEnd_IsStillStored()
    {
        using var folder = new TemporaryFolder();
        var board = new MonitorBoard();
        board.Put(EngineHost.Manifest("api"));
        var options = new EngineOptions { ApiPort = 0, Storage = $"sqlite:{folder.File("test.db")}" };
        await using (var app = EngineApp.Build(options, services => services
            .AddLogging(logging => logging.ClearProviders())
            .AddSingleton<IMonitorSource>(board)
            .AddHostedService<LastWords>()))
        {
            await app.StartAsync(Cancel);
            var fleet = app.Services.GetRequiredService<Fleet>();
            await Eventually.True(() => fleet.Count == 1, "the monitor is in the fleet", Cancel);
            await app.StopAsync(Cancel);
        }

        await using var store = ResultStores.Create(options.Storage, TimeProvider.System);
        await store.InitializeAsync(Cancel);
        Assert.Single(await store.ReadChecksAsync(new CheckQuery(1, 10), Cancel));
    }

    [Fact]
    public async Task Restart_SameStore_HasTheSameIdsWindowsAndHealth()
    {
        using var folder = new TemporaryFolder();
        var storage = $"sqlite:{folder.File("test.db")}";
        ServiceRow before;
        await using (var first = await EngineHost.StartAsync(configure: o => o with { Storage = storage }))
        {
            await first.DeclareAsync("zero");
            var state = await first.DeclareAsync("api");
            await using var worker = await first.WorkerAsync(Cancel);
            await worker.SendAsync(Cancel, [.. Enumerable.Range(0, 5).Select(i => EngineHost.Result(state, first.Now - 5000 + i * 1000, i == 4 ? Core.Checks.Outcome.Down : Core.Checks.Outcome.Ok))]);
            await worker.UntilAcknowledgedAsync(Cancel);
            before = await first.GetAsync<ServiceRow>($"/services/{state.Id}", Cancel);
        }

        // What is declared at the start was never gone.
        var board = new MonitorBoard();
        board.Put(EngineHost.Manifest("api"));
        await using var second = await EngineHost.StartAsync(board, configure: o => o with { Storage = storage });
        var again = await second.ExistsAsync(new MonitorKey("default", "api"), Cancel);
        var after = await second.GetAsync<ServiceRow>($"/services/{again.Id}", Cancel);

        Assert.Equal(
            (before.Id, before.Health, before.ChecksCount, before.P95ResponseTimeMs, before.UptimePercent24h, before.LastCheckTimestamp),
            (after.Id, after.Health, after.ChecksCount, after.P95ResponseTimeMs, after.UptimePercent24h, after.LastCheckTimestamp));
    }

    [Fact]
    public async Task Restart_HistoryOfOneCannotBeRead_TheOthersHaveTheirs()
    {
        using var folder = new TemporaryFolder();
        var storage = $"sqlite:{folder.File("test.db")}";
        // So many that they are read together.
        string[] names = ["a", "b", "broken", "c", "d", "e", "f", "g", "h", "i"];
        long broken;
        await using (var first = await EngineHost.StartAsync(configure: o => o with { Storage = storage }))
        {
            await using var worker = await first.WorkerAsync(Cancel);
            foreach (var name in names)
                await worker.SendAsync(Cancel, EngineHost.Result(await first.DeclareAsync(name), first.Now - 1000));
            await worker.UntilAcknowledgedAsync(Cancel);
            broken = first.Fleet.ById.Single(s => s.Key.Name == "broken").Id;
        }
        await using (var database = new SqliteConnection($"Data Source={folder.File("test.db")};Pooling=False"))
        {
            await database.OpenAsync(Cancel);
            await using var harm = database.CreateCommand();
            harm.CommandText = "insert into certificates (id, not_after, issuer) values (9, 9000000000000000000, 'no date'); update checks set certificate_id = 9 where service_id = $id";
            harm.Parameters.AddWithValue("$id", broken);
            Assert.Equal(2, await harm.ExecuteNonQueryAsync(Cancel));
        }

        var board = new MonitorBoard();
        foreach (var name in names)
            board.Put(EngineHost.Manifest(name));
        await using var second = await EngineHost.StartAsync(board, configure: o => o with { Storage = storage });

        Assert.Equal(names.Where(n => n != "broken"), second.Fleet.ById.Select(s => s.Key.Name));
        foreach (var state in second.Fleet.ById)
            Assert.Equal(1, (await second.GetAsync<ServiceRow>($"/services/{state.Id}", Cancel)).ChecksCount);
    }

    [Fact]
    public async Task Request_DefectBehindIt_Is500WithoutInternals()
    {
        await using var host = await EngineHost.StartAsync(compose: s => s.AddSingleton<ICheckRunner, BrokenRunner>());
        using var response = await host.PostAsync("/checks/try", """{"url":"http://127.0.0.1:9/"}""", Cancel);
        var problem = await EngineHost.ProblemAsync(response, 500, Cancel);
        Assert.DoesNotContain("internals", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_StoreAway_Is503WhereItIsNeededAndDegradedInReadyz()
    {
        var store = new FakeStore { Away = true };
        await using var host = await EngineHost.StartAsync(
            new MonitorBoard { Syncs = false }, compose: s => s.AddSingleton<IResultStore>(store));
        host.App.Services.GetRequiredService<Engine.Intake.IntakeProgress>().Synced();
        var monitor = States.Monitor("api");
        host.Fleet.Add(States.State(1, monitor, host.Now));
        await using var worker = await host.WorkerAsync(Cancel);
        await worker.SendAsync(Cancel, States.Result(monitor, host.Now));
        await Eventually.True(() => host.Fleet.ById[0].Health == Core.Sre.Health.Healthy, "health follows in memory", Cancel);

        Assert.Equal("Healthy", (await host.GetAsync<ServiceRow>("/services/1", Cancel)).Health);
        var ready = await host.GetAsync<HealthReport>("/readyz", Cancel);
        Assert.Equal(("degraded", "degraded", "ok"), (ready.Status, ready.Components["store"].Status, ready.Components["workers"].Status));
    }

    [Fact]
    public async Task Workers_Connected_AreListedWithTheirLastSignOfLife()
    {
        await using var host = await EngineHost.StartAsync();
        await using var worker = await host.WorkerAsync(Cancel);
        Assert.Null((await host.GetAsync<List<WorkerRow>>("/workers", Cancel)).Single().LastHeartbeat);
        await worker.HeartbeatAsync(new WorkerHeartbeat(host.Now, 3, 40, 5, 12.5, 6, 7), Cancel);
        var row = (await host.GetAsync<List<WorkerRow>>("/workers", Cancel)).Single();
        Assert.Equal(("w1", "default", 40, 12.5, 7L), (row.Id, row.Pool, row.Assigned, row.LagP99Ms, row.Dropped));
    }

    private sealed class LastWords(IProbeLink link, Fleet fleet) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            var connection = await link.ConnectAsync(new WorkerHello("last", "default", "1"), cancellationToken);
            fleet.TryGet(new MonitorKey("default", "api"), out var state);
            await connection.SendAsync(
                new ResultBatch(1, [EngineHost.Result(state!, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())]), cancellationToken);
            await connection.DisposeAsync();
        }
    }

    private sealed class BrokenRunner : ICheckRunner
    {
        public Task<Core.Checks.ExplainedResult> RunAsync(Core.Assignments.Assignment assignment, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("internals");
    }
}
