using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Dashboard.Tests;

public sealed class FleetStreamTests
{
    [Fact]
    public async Task Connect_Anew_LoadsAllServicesFromTheStreamAlone()
    {
        await using var api = await StubApi.StartAsync(Enumerable.Range(1, 2500).Select(i => Rows.Service(i, $"s{i}")));
        await using var dashboard = await ConnectedAsync(api);
        Assert.Equal(2500, dashboard.Fleet.Status().Services);
        Assert.Equal(["/stream"], api.Requests.Select(r => r.Path));
    }

    [Fact]
    public async Task Connect_NoServices_IsLive()
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await ConnectedAsync(api);
        Assert.Equal(0, dashboard.Fleet.Status().Services);
    }

    [Fact]
    public async Task Reset_ServiceDeletedUnheard_IsGone()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"), Rows.Service(2, "b"));
        await using var dashboard = await ConnectedAsync(api);
        api.Services.TryRemove(2, out _);
        api.Services[3] = Rows.Service(3, "c");
        api.Reset();
        await dashboard.UntilAsync(f => f.Find(3) is not null);
        Assert.Equal([1L, 3L], dashboard.Fleet.Rows().Select(r => r.Service.Id).Order());

        api.Services.Clear();
        api.Reset();
        await dashboard.UntilAsync(f => f.Status().Services == 0);
        Assert.Single(api.Requests, r => r.Path == "/stream");
    }

    [Fact]
    public async Task Reset_CutOffAmongItsRows_CountsForNothing()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"), Rows.Service(2, "b"));
        await using var dashboard = await ConnectedAsync(api);
        api.SendRaw(StubApi.Event("reset", """{"services":2}""") + StubApi.Event("service", Json(Rows.Service(9, "half a reset"))));
        api.CloseStreams();
        api.Put(Rows.Service(1, "a", "Degraded"));
        await dashboard.UntilAsync(f => f.Rows().Any(r => r.Service.Health == "Degraded"));
        Assert.Equal([1L, 2L], dashboard.Fleet.Rows().Select(r => r.Service.Id).Order());
        // It went on after the last event that had an id, which is none of the half reset's.
        Assert.Equal([null, "1-1"], api.Requests.Where(r => r.Path == "/stream").Select(r => r.Header("Last-Event-ID")));
    }

    [Fact]
    public async Task Reset_OneRowUnreadable_TheOthersReplaceTheFleet()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"), Rows.Service(2, "b"));
        await using var dashboard = await ConnectedAsync(api);
        api.SendRaw(StubApi.Event("reset", """{"services":2}""") + StubApi.Event("service", "{\"id\": 7}") + StubApi.Event("service", Json(Rows.Service(3, "c"))));
        await dashboard.UntilAsync(f => f.Status().Services == 1);
        Assert.NotNull(dashboard.Fleet.Find(3));
    }

    [Theory]
    [InlineData("""{"services":-1}""")]
    [InlineData("null")]
    [InlineData("many")]
    public async Task Reset_WithoutACount_IsLeftOut(string data)
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await ConnectedAsync(api);
        api.SendRaw(StubApi.Event("reset", data));
        api.Put(Rows.Service(2, "b"));
        await dashboard.UntilAsync(f => f.Status().Services == 2);
    }

    [Fact]
    public async Task Events_OfEveryKind_ReachTheFleet()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"), Rows.Service(2, "b"));
        await using var dashboard = await ConnectedAsync(api);
        api.Put(Rows.Service(1, "a", "Unhealthy"));
        api.Put(Rows.Check(1, "down", null, "Connection refused"));
        api.Remove(2);
        await dashboard.UntilAsync(f => f.Find(2) is null);
        Assert.Equal("Unhealthy", dashboard.Fleet.Find(1)!.Service.Health);
        Assert.Equal("Connection refused", dashboard.Fleet.Find(1)!.LastCheck!.Error);
    }

    [Fact]
    public async Task Events_OneUnreadable_DoesNotStopTheOthers()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await ConnectedAsync(api);
        api.Send("service", "{ this is no JSON");
        api.Send("service", "{\"id\": 7}");
        api.Send("of-a-newer-api", "{}");
        api.Put(Rows.Service(1, "a", "Degraded"));
        await dashboard.UntilAsync(f => f.Find(1)!.Service.Health == "Degraded");
        Assert.Equal(LinkState.Live, dashboard.Fleet.Status().Link);
        Assert.Single(api.Requests, r => r.Path == "/stream");
    }

    [Fact]
    public async Task Stream_Broken_ResumesAfterTheLastEvent()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await ConnectedAsync(api);
        api.Put(Rows.Service(1, "a", "Degraded"));
        await dashboard.UntilAsync(f => f.Find(1)!.Service.Health == "Degraded");

        api.CloseStreams();
        api.Put(Rows.Service(2, "came while nobody listened"));
        await dashboard.UntilAsync(f => f.Status() is { Link: LinkState.Live, Services: 2 });
        Assert.Equal([null, "1-2"], api.Requests.Where(r => r.Path == "/stream").Select(r => r.Header("Last-Event-ID")));
    }

    [Fact]
    public async Task Api_AwayAndBack_IsShownAndMendsItself()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await ConnectedAsync(api);
        await api.StopAsync();
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Away);
        Assert.Equal(1, dashboard.Fleet.Status().Services);

        api.Services[2] = Rows.Service(2, "b");
        await api.ResumeAsync();
        await dashboard.UntilAsync(f => f.Status() is { Link: LinkState.Live, Services: 2 });
    }

    [Fact]
    public async Task Api_AbsentAtStart_TheDashboardServesAndConnectsLater()
    {
        await using var api = await StubApi.StartAsync();
        await api.StopAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Away);
        var page = await dashboard.Http.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains("Nothing to show yet", page, StringComparison.Ordinal);

        await api.ResumeAsync();
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Live);
    }

    [Fact]
    public async Task Stream_SilentAndApiDead_IsGivenUp()
    {
        var time = new FakeTimeProvider(Rows.Noon);
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions { Api = api.Url, Port = 0 }, time);
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Live);
        await AdvanceUntilAsync(time, () => api.Requests.Count(r => r.Path == "/healthz") >= 2);
        Assert.Equal(LinkState.Live, dashboard.Fleet.Status().Link);

        api.Dead = true;
        await AdvanceUntilAsync(time, () => api.Requests.Count(r => r.Path == "/stream") >= 2);
    }

    private static string Json(ServiceRow row) => JsonSerializer.Serialize(row, ApiJson.Options);

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private static async Task<RunningDashboard> ConnectedAsync(StubApi api)
    {
        var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Live);
        return dashboard;
    }
}
