using System.Net;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Api;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>Workers over a real gRPC stream, as they should be.</summary>
public sealed class LinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_OverTheLink_AreStoredUnderTheWorkersNameAndAcknowledged()
    {
        await using var host = await HostAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);
        Assert.Equal("http://127.0.0.1:9/", worker.Assignments.Values.Single().Check.Target);

        await worker.SendAsync(new ResultBatch(1, [EngineHost.Result(state, host.Now)]));

        await Eventually.True(() => worker.Acknowledged == 1, "acknowledged", Cancel);
        var last = state.Snapshot(host.Now).Last!;
        Assert.Equal(("w1", Outcome.Ok), (last.Worker, last.Outcome));
    }

    [Fact]
    public async Task RunNow_OverTheLink_AnswersWithTheResult()
    {
        await using var host = await HostAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await WireWorker.ConnectAsync(host);
        worker.OnRun = run => EngineHost.Result(state, run.DueTime, kind: CheckKind.Manual);
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        using var answer = await host.PostAsync($"/services/{state.Id}/run", "", Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Listeners_EachServesItsOwn()
    {
        await using var host = await HostAsync();
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var api = await http.GetAsync(new Uri(WireWorker.AddressOf(host) + "/healthz"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);

        using var link = await host.PostAsync("/healthtrack.link.v1.ProbeLink/Connect", "", Cancel, "application/grpc");
        Assert.Equal(HttpStatusCode.NotFound, link.StatusCode);
    }

    [Fact]
    public async Task Leaving_AnotherIsThere_HandsOverBeforeItIsToldToStop()
    {
        await using var host = await HostAsync();
        for (var i = 0; i < 20; i++)
            await host.DeclareAsync($"m{i}");
        await using var one = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => one.Assignments.Count == 20, "one has all", Cancel);
        await using var two = await WireWorker.ConnectAsync(host, "w2", applies: false);
        await Eventually.True(() => two.Assignments.Count is > 0 and < 20, "two has its share", Cancel);
        Assert.Equal(20, one.Assignments.Count);
        two.Applies = true;
        await two.SendAsync(new AssignmentsApplied(1, []));
        await Eventually.True(() => one.Assignments.Count + two.Assignments.Count == 20, "what two said it checks is taken from one", Cancel);

        await one.SendAsync(new WorkerLeaving("an update"));

        await Eventually.True(() => one.Drained, "it may stop", Cancel);
        Assert.Equal(20, two.Assignments.Count);
    }

    [Fact]
    public async Task Leaving_NobodyElse_IsToldToStopAtOnce()
    {
        await using var host = await HostAsync();
        await host.DeclareAsync("api");
        await using var worker = await WireWorker.ConnectAsync(host);
        await worker.SendAsync(new WorkerLeaving("an update"));
        await Eventually.True(() => worker.Drained, "it may stop", Cancel);
    }

    [Fact]
    public async Task Reconnect_Soon_KeepsTheMonitorsAndNobodyElseGetsThem()
    {
        await using var host = await HostAsync();
        for (var i = 0; i < 20; i++)
            await host.DeclareAsync($"m{i}");
        await using var one = await WireWorker.ConnectAsync(host);
        var two = await WireWorker.ConnectAsync(host, "w2");
        await Eventually.True(() => two.Assignments.Count > 0 && one.Assignments.Count + two.Assignments.Count == 20, "shared out", Cancel);
        var (shareOfOne, shareOfTwo) = (one.Assignments.Keys.ToHashSet(), two.Assignments.Keys.ToHashSet());
        await two.DisposeAsync();

        await using var again = await WireWorker.ConnectAsync(host, "w2");

        await Eventually.True(() => shareOfTwo.SetEquals(again.Assignments.Keys), "it has its share again", Cancel);
        Assert.True(shareOfOne.SetEquals(one.Assignments.Keys));
    }

    [Fact]
    public async Task Lost_NoSignOfLife_MovesItsMonitorsAndEndsTheStream()
    {
        await using var host = await HostAsync();
        for (var i = 0; i < 20; i++)
            await host.DeclareAsync($"m{i}");
        await using var one = await WireWorker.ConnectAsync(host);
        await using var mute = await WireWorker.ConnectAsync(host, "w2", beats: false);
        await Eventually.True(() => mute.Assignments.Count > 0 && one.Assignments.Count + mute.Assignments.Count == 20, "shared out", Cancel);

        await Eventually.True(() => one.Assignments.Count == 20, "all are with the one that lives", Cancel);
        Assert.Equal(Grpc.Core.StatusCode.DeadlineExceeded, (await mute.EndsAsync()).StatusCode);
        Assert.Contains("\"state\":\"lost\"", await host.Client.GetStringAsync("/workers", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elected_WorkerOfTheLeaderBeforeIsNotBack_KeepsItsMonitorsForAWhile()
    {
        var store = new FakeStore();
        store.Workers["w2"] = new StoredWorker("w2", "default", 1, 1);
        await using var host = await HostAsync(services => services.AddSingleton<IWorkerStore>(store));
        for (var i = 0; i < 20; i++)
            await host.DeclareAsync($"m{i}");
        await using var one = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => one.Assignments.Count > 0, "one has its share", Cancel);
        Assert.InRange(one.Assignments.Count, 1, 19);

        await Eventually.True(() => one.Assignments.Count == 20, "it did not come back", Cancel);
        await Eventually.True(() => store.Workers.Keys.SequenceEqual(["w1"]), "the store knows who is there", Cancel);
    }

    [Fact]
    public async Task Clock_HalfAMinuteOff_TakesTheMonitorsAwayUntilItIsRight()
    {
        await using var host = await HostAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await WireWorker.ConnectAsync(host, beats: false);
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        await worker.SendAsync(new WorkerHeartbeat(host.Now + 40_000, 0, 0, 0, 0, 0, 0));
        await Eventually.True(() => worker.Assignments.Count == 0, "taken away", Cancel);
        Assert.Contains("\"state\":\"skewed_clock\"", await host.Client.GetStringAsync("/workers", Cancel), StringComparison.Ordinal);

        await worker.SendAsync(new WorkerHeartbeat(host.Now, 0, 0, 0, 0, 0, 0));
        await Eventually.True(() => worker.Assignments.Count == 1, "given back", Cancel);
    }

    internal static Task<EngineHost> HostAsync(Action<IServiceCollection>? compose = null, Func<EngineOptions, EngineOptions>? configure = null) =>
        EngineHost.StartAsync(compose: compose, configure: options => (configure ?? (o => o))(options with { LinkPort = 0 }));
}
