using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>Pools that do not exist, and the list of those that do.</summary>
public sealed class PoolsTests
{
    private const string Manifest = """
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata: {name: shop}
        spec: {http: {url: "http://127.0.0.1:9/"}}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_NothingIsDeclared_NamesThoseOfMonitorsAndWorkersAndEveryOneExists()
    {
        await using var host = await EngineHost.StartAsync();
        host.Board.Put(Manifest);
        await Eventually.True(() => host.Fleet.Count == 1, "it is declared", Cancel);
        await using var worker = await TestWorker.ConnectAsync(host.App.Services.GetRequiredService<Core.Ports.IProbeLink>(), Cancel, pool: "moon");

        var pools = await host.GetAsync<List<PoolRow>>("/pools", Cancel);

        Assert.Equal([("default", 1, 0), ("moon", 0, 1)], pools.Select(p => (p.Name, p.Monitors, p.WorkersConnected)));
        Assert.All(pools, p => Assert.True(p is { Exists: true, External: false, Replicas: null, Ready: null, Conditions.Count: 0 }));
    }

    [Fact]
    public async Task Ready_PoolThatDoesNotExist_SaysSoFromTheStartUntilItDoes()
    {
        var directory = new Directory();
        await using var host = await EngineHost.StartAsync(compose: services => services.AddSingleton<IPoolDirectory>(directory));
        host.Board.Put(Manifest);
        await Eventually.True(() => host.Fleet.Count == 1, "it is declared", Cancel);
        var condition = Ready(host);
        Assert.Equal(("False", "PoolNotFound"), (condition.Status, condition.Reason));
        Assert.Contains("default", condition.Message, StringComparison.Ordinal);
        Assert.Equal([("default", false), ("moon", true)], (await host.GetAsync<List<PoolRow>>("/pools", Cancel)).Select(p => (p.Name, p.Exists)));

        directory.Names = ["default"];
        await Eventually.True(() => Ready(host).Status == "True", "it operates", Cancel);
        var row = Assert.Single(await host.GetAsync<List<PoolRow>>("/pools", Cancel));
        Assert.Equal((2, 1, 1), (row.Replicas, row.Ready, row.Monitors));
        directory.Names = [];
        await Eventually.True(() => Ready(host).Reason == "PoolNotFound", "it misses its pool again", Cancel);
    }

    private static MonitorCondition Ready(EngineHost host) => host.Fleet.All.Single().Snapshot(host.Now).Conditions.Single(c => c.Type == "Ready");

    private sealed class Directory : IPoolDirectory
    {
        public volatile string[] Names = ["moon"];

        public IReadOnlyList<DeclaredPool> Pools => [.. Names.Select(n => new DeclaredPool(n, 2, 1, External: false, []))];

        public bool Exists(string pool) => Names.Contains(pool);
    }
}
