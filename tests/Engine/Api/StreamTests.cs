using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine.Tests.Api;

public sealed class StreamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_Opened_BeginsWithAllServices()
    {
        await using var host = await EngineHost.StartAsync();
        await host.DeclareAsync("a");
        await host.DeclareAsync("b");

        using var stream = await StreamReader.OpenAsync(host.Client, Cancel);
        var events = await stream.UntilAsync(e => e.Data == "connected", Cancel);

        Assert.Equal("text/event-stream; charset=utf-8", stream.ContentType);
        Assert.StartsWith("reset", events[0].Data, StringComparison.Ordinal);
        Assert.Equal(["reset", "service", "service"], events.Where(e => e.Name is not null).Select(e => e.Name));
        Assert.Equal(2, events[1].Row.GetProperty("services").GetInt32());
        Assert.Equal(["a", "b"], events.Where(e => e.Name == "service").Select(e => e.Row.GetProperty("name").GetString()));
        // Whoever is cut off before the last row must begin anew.
        Assert.Equal([null, null, true], events.Where(e => e.Name is not null).Select(e => e.Id is null ? (bool?)null : true));
    }

    [Fact]
    public async Task Stream_WhatHappens_IsToldAsRows()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        using var stream = await StreamReader.OpenAsync(host.Client, Cancel);
        await stream.UntilAsync(e => e.Data == "connected", Cancel);

        var due = host.Now;
        await worker.SendAsync(Cancel, EngineHost.Result(state, due, Outcome.Error));
        var check = (await stream.UntilAsync(e => e.Name == "check", Cancel))[^1];
        var service = (await stream.UntilAsync(e => e.Name == "service", Cancel))[^1];
        host.Board.Take(new MonitorKey("default", "api"));
        var removed = (await stream.UntilAsync(e => e.Name == "removed", Cancel))[^1];

        Assert.Equal("error", check.Row.GetProperty("status").GetString());
        Assert.Equal(state.Id, check.Row.GetProperty("service_id").GetInt64());
        Assert.True(check.Row.GetProperty("id").GetInt64() > 0);
        Assert.Equal("Unhealthy", service.Row.GetProperty("health").GetString());
        Assert.Equal(1, service.Row.GetProperty("checks_count").GetInt64());
        Assert.Equal(("default", "api"), (removed.Row.GetProperty("namespace").GetString(), removed.Row.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_Resumed_TellsExactlyWhatWasMissed(bool inQuery)
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        var due = host.Now - 10_000;
        string last;
        using (var stream = await StreamReader.OpenAsync(host.Client, Cancel))
        {
            await stream.UntilAsync(e => e.Data == "connected", Cancel);
            await worker.SendAsync(Cancel, EngineHost.Result(state, due));
            last = (await stream.UntilAsync(e => e.Name == "service", Cancel))[^1].Id!;
        }
        await worker.SendAsync(Cancel, EngineHost.Result(state, due + 1), EngineHost.Result(state, due + 2));
        await worker.UntilAcknowledgedAsync(Cancel);

        using var resumed = await StreamReader.OpenAsync(host.Client, Cancel, last, inQuery);
        var events = await resumed.UntilAsync(e => e.Name == "service", Cancel);

        Assert.DoesNotContain(events, e => e.Name == "reset");
        Assert.Equal([due + 1, due + 2], events.Where(e => e.Name == "check").Select(e => e.Row.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds()));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0123456789ab-5")]
    public async Task Stream_UnknownPosition_BeginsAnew(string id)
    {
        await using var host = await EngineHost.StartAsync();
        await host.DeclareAsync("api");
        using var stream = await StreamReader.OpenAsync(host.Client, Cancel, id);
        var events = await stream.UntilAsync(e => e.Data == "connected", Cancel);
        Assert.Equal(["reset", "service"], events.Where(e => e.Name is not null).Select(e => e.Name));
    }

    [Fact]
    public async Task Stream_PositionThatTheFeedHasLost_BeginsAnew()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        string first;
        using (var stream = await StreamReader.OpenAsync(host.Client, Cancel))
            first = (await stream.UntilAsync(e => e.Name == "service", Cancel))[^1].Id!;
        var feed = host.App.Services.GetRequiredService<ChangeFeed>();
        for (var i = 0; i < 20_000; i++)
            feed.ServiceChanged(state.Id);

        using var resumed = await StreamReader.OpenAsync(host.Client, Cancel, first);
        Assert.Equal("reset", (await resumed.UntilAsync(e => e.Name is not null, Cancel))[^1].Name);
    }

    [Fact]
    public async Task Stream_BusyService_IsToldOncePerBatchWithTheNewestRow()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        using var stream = await StreamReader.OpenAsync(host.Client, Cancel);
        await stream.UntilAsync(e => e.Data == "connected", Cancel);

        var due = host.Now - 10_000;
        await worker.SendAsync(Cancel, [.. Enumerable.Range(0, 500).Select(i => EngineHost.Result(state, due + i))]);
        // The row is written when it is sent, so it may know more checks than have been sent themselves.
        var checks = 0;
        var whole = false;
        var events = await stream.UntilAsync(
            e =>
            {
                checks += e.Name == "check" ? 1 : 0;
                whole |= e.Name == "service" && e.Row.GetProperty("checks_count").GetInt64() == 500;
                return whole && checks == 500;
            },
            Cancel);

        Assert.Equal(500, events.Count(e => e.Name == "check"));
        Assert.InRange(events.Count(e => e.Name == "service"), 1, 20);
    }

    [Fact]
    public async Task Stream_SlowReader_HoldsNobodyUp()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        using var slow = await StreamReader.OpenAsync(host.Client, Cancel); // Never reads on.
        using var quick = await StreamReader.OpenAsync(host.Client, Cancel);
        await quick.UntilAsync(e => e.Data == "connected", Cancel);

        var due = host.Now - 3_600_000;
        for (var batch = 0; batch < 10; batch++)
        {
            var at = due + batch * 2000;
            await worker.SendAsync(Cancel, [.. Enumerable.Range(0, 2000).Select(i => EngineHost.Result(state, at + i))]);
            await worker.UntilAcknowledgedAsync(Cancel);
            await quick.UntilAsync(e => e.Name == "check" && e.Row.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds() == at + 1999, Cancel);
        }
    }

    [Fact]
    public async Task Stream_ProcessStops_EndsAtOnce()
    {
        // The server alone would wait this long for its last request before it cuts it off.
        var host = await EngineHost.StartAsync(
            compose: s => s.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromHours(1)));
        using var stream = await StreamReader.OpenAsync(host.Client, Cancel);
        await stream.UntilAsync(e => e.Data == "connected", Cancel);

        var stopped = host.App.StopAsync(Cancel);

        Assert.Null(await stream.NextAsync(Cancel));
        await stopped.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        await host.DisposeAsync();
    }
}
