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
        spec: {http: {url: "http://127.0.0.1:9/"}, probe: {pools: [default, moon], quorum: 1}}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_NothingIsDeclared_NamesThoseOfMonitorsAndEveryOneExists()
    {
        await using var host = await EngineHost.StartAsync();
        host.Board.Put(Manifest);
        await Eventually.True(() => host.Fleet.Count == 1, "it is declared", Cancel);

        var pools = await host.GetAsync<List<PoolRow>>("/pools", Cancel);

        Assert.Equal(["default", "moon"], pools.Select(p => p.Name));
        Assert.All(pools, p => Assert.True(p is { Exists: true, External: false, Replicas: null, Ready: null, Monitors: 1, Conditions.Count: 0 }));
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
        Assert.Contains("moon", condition.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("default", condition.Message, StringComparison.Ordinal);
        Assert.Equal([true, false], (await host.GetAsync<List<PoolRow>>("/pools", Cancel)).Select(p => p.Exists));

        directory.Names = ["default", "moon"];
        await Eventually.True(() => Ready(host).Status == "True", "it operates", Cancel);
        directory.Names = ["moon"];
        await Eventually.True(() => Ready(host).Message.Contains("default", StringComparison.Ordinal), "the other one is missing", Cancel);
    }

    private static MonitorCondition Ready(EngineHost host) => host.Fleet.All.Single().Snapshot(host.Now).Conditions.Single(c => c.Type == "Ready");

    private sealed class Directory : IPoolDirectory
    {
        public volatile string[] Names = ["default"];

        public IReadOnlyList<DeclaredPool> Pools => [.. Names.Select(n => new DeclaredPool(n, 2, 1, External: false, []))];

        public bool Exists(string pool) => Names.Contains(pool);
    }
}
