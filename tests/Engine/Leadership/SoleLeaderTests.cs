using HealthTrack.Core.Ports;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Api;
using HealthTrack.Engine.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Leadership;

/// <summary>Processes without an election over a real database.</summary>
public sealed class SoleLeaderTests(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresPlace _place = new(server);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _place.InitializeAsync();

    public async ValueTask DisposeAsync() => await _place.DisposeAsync();

    [Fact]
    public async Task Start_TwoOnOneDatabase_TheOlderEndsWithASentence()
    {
        await using var older = await StartAsync(_place.Url);
        Assert.True(Leads(older));
        await using var newer = await StartAsync(_place.Url);

        await Eventually.True(() => older.Lifetime.ApplicationStopping.IsCancellationRequested, "the older one ends", Cancel);
        Assert.Contains("took the database over", EngineApp.WhyStopped(older), StringComparison.Ordinal);
        Assert.True(Leads(newer));
        Assert.Null(EngineApp.WhyStopped(newer));
        Assert.Equal(2L, await _place.ExecuteAsync("select epoch from leader_epoch"));
        await newer.StopAsync(Cancel);
    }

    [Fact]
    public async Task Start_DatabaseAway_LeadsWhenItIsThere()
    {
        await using var postgres = await PostgresInstance.StartNewAsync(Cancel);
        await postgres.StopAsync(Cancel);
        await using var app = await StartAsync(PostgresServer.Settings(postgres).ConnectionString);
        Assert.False(Leads(app));
        Assert.Null(app.Services.GetRequiredService<ILeadership>().Leader);
        Assert.Contains("store is away", app.Services.GetRequiredService<ILeadership>().Problem, StringComparison.Ordinal);
        Assert.False(app.Services.GetRequiredService<PipelineMetrics>().StoreUp);

        await postgres.StartAsync(Cancel);
        await Eventually.True(() => Leads(app), "it leads", Cancel);
        Assert.Null(app.Services.GetRequiredService<ILeadership>().Problem);
        Assert.True(app.Services.GetRequiredService<PipelineMetrics>().StoreUp);
        await app.StopAsync(Cancel);
    }

    private static bool Leads(WebApplication app) => app.Services.GetRequiredService<ILeadership>().IsLeader;

    private static async Task<WebApplication> StartAsync(string storage)
    {
        var app = EngineApp.Build(new EngineOptions { ApiPort = 0, Storage = storage }, services => services
            .AddLogging(logging => logging.ClearProviders())
            .AddSingleton<IMonitorSource>(new MonitorBoard()));
        await app.StartAsync(Cancel);
        return app;
    }
}
