using System.Net.Http.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Api;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>From a result that fails to the message at a receiver, through the whole engine.</summary>
public sealed class AlertingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Result_FailsAndRecovers_TellsOnceOfEach()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        await using var host = await StartAsync(new Channels().With("hook", "webhook", receiver.Url));
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);

        await FailAsync(host, worker, shop, 3);
        await Eventually.True(() => receiver.Messages.Count == 1, "one message", Token);
        await worker.SendAsync(Token, EngineHost.Result(shop, host.Now));
        await Eventually.True(() => receiver.Messages.Count == 2, "another", Token);

        Assert.Equal(["firing", "resolved"], receiver.Messages.Select(m => (string)m.Body["kind"]!));
        var firing = receiver.Messages.First();
        Assert.Equal(("shop", "down", "critical", "Unhealthy", $"http://127.0.0.1:3000/services/{shop.Id}"), (
            (string)firing.Body["name"]!, (string)firing.Body["signal"]!, (string)firing.Body["severity"]!, (string)firing.Body["health"]!, (string)firing.Body["link"]!));
        Assert.Equal(firing.Key, (string)firing.Body["id"]!);
        Assert.Equal(2, receiver.Messages.Select(m => m.Key).Distinct().Count());

        var alert = Assert.Single(await host.GetAsync<List<AlertRow>>("/alerts", Token));
        Assert.Equal(("resolved", "down"), (alert.State, alert.Signal));
        var incident = Assert.Single(await host.GetAsync<List<IncidentRow>>($"/services/{shop.Id}/incidents", Token));
        Assert.NotNull(incident.EndedAt);
        Assert.Empty(await host.GetAsync<List<AlertRow>>("/alerts?state=open", Token));
    }

    [Fact]
    public async Task Deliver_ReceiverBusy_ComesBackWhenItAsksToAndKeepsTheOrder()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        receiver.Answers.Enqueue((429, "1"));
        receiver.Answers.Enqueue((503, null));
        var channels = new Channels().With("hook", "webhook", receiver.Url);
        await using var host = await StartAsync(channels);
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);

        await FailAsync(host, worker, shop, 1);
        await Eventually.True(() => !receiver.Messages.IsEmpty, "a first try", Token);
        await worker.SendAsync(Token, EngineHost.Result(shop, host.Now));
        await Eventually.True(() => receiver.Messages.Count == 4, "three tries and the end", Token);

        Assert.Equal(["firing", "firing", "firing", "resolved"], receiver.Messages.Select(m => (string)m.Body["kind"]!));
        Assert.Single(receiver.Messages.Take(3).Select(m => m.Key).Distinct());
        await Eventually.True(() => channels.Deliveries.Count == 4, "all deliveries are known", Token);
        Assert.Equal(["The receiver answered 429.", "The receiver answered 503.", null, null], channels.Deliveries.Select(d => d.Error));
    }

    [Fact]
    public async Task Start_AfterAKillBeforeTheSend_SendsUnderTheSameKey()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        using var folder = new TemporaryFolder();
        string Storage(string file) => $"sqlite:{folder.File(file)}";
        string first;
        receiver.Hold = new SemaphoreSlim(0);
        await using (var host = await StartAsync(new Channels().With("hook", "webhook", receiver.Url), o => o with { Storage = Storage("one.db") }))
        {
            var shop = await host.DeclareAsync("shop");
            await using var worker = await host.WorkerAsync(Token);
            await FailAsync(host, worker, shop, 1);
            await Eventually.True(() => !receiver.Messages.IsEmpty, "it is being sent", Token);
            first = receiver.Messages.First().Key;
            // What a kill would leave: the outbox as it is on the disk before the answer came.
            foreach (var file in Directory.GetFiles(folder.Path, "one.db*"))
                File.Copy(file, file.Replace("one.db", "two.db", StringComparison.Ordinal));
        }
        receiver.Messages.Clear();
        receiver.Hold = null;
        var board = new MonitorBoard();
        board.Put(EngineHost.Manifest("shop"));
        await using var next = await StartAsync(new Channels().With("hook", "webhook", receiver.Url), o => o with { Storage = Storage("two.db") }, board);
        await Eventually.True(() => !receiver.Messages.IsEmpty, "it is sent", Token);
        Assert.Equal(first, receiver.Messages.First().Key);
        Assert.Single(await next.GetAsync<List<AlertRow>>("/alerts?state=open", Token));
    }

    [Fact]
    public async Task Start_AfterAnOutageOfItsOwn_TellsNobodyThatThereWasNoData()
    {
        using var folder = new TemporaryFolder();
        EngineOptions Stored(EngineOptions options) => options with { Storage = $"sqlite:{folder.File("one.db")}" };
        await using (var host = await StartAsync(new Channels(), Stored))
        {
            var shop = await host.DeclareAsync("shop");
            await using var worker = await host.WorkerAsync(Token);
            await worker.SendAsync(Token, EngineHost.Result(shop, host.Now - (long)TimeSpan.FromHours(1).TotalMilliseconds));
            await Eventually.True(() => shop.Snapshot(host.Now).Verdict.Reason == "NoRecentResult", "its result is old", Token);
        }

        var board = new MonitorBoard();
        board.Put(EngineHost.Manifest("shop"));
        await using var next = await StartAsync(new Channels(), Stored, board);
        Assert.Equal("NoRecentResult", (await next.ExistsAsync(new("default", "shop"), Token)).Snapshot(next.Now).Verdict.Reason);
        var cart = await next.DeclareAsync("cart");
        await using var reporter = await next.WorkerAsync(Token);
        await FailAsync(next, reporter, cart, 1);
        await Eventually.TrueAsync(async () => (await next.GetAsync<List<AlertRow>>("/alerts", Token)).Count > 0, "all were looked at", Token);
        Assert.Equal("cart", Assert.Single(await next.GetAsync<List<AlertRow>>("/alerts", Token)).Name);
    }

    [Fact]
    public async Task Channels_NamedOrDefault_AreChosenBySeverityAndEnd()
    {
        await using var named = await Receiver.StartAsync(Token);
        await using var other = await Receiver.StartAsync(Token);
        var channels = new Channels().With("mine", "webhook", named.Url, isDefault: false, ns: "default", resolved: false).With("all", "webhook", other.Url);
        await using var host = await StartAsync(channels);
        var shop = await host.DeclareAsync("shop", more: "alerts: {channels: [{name: mine}]}");
        var cart = await host.DeclareAsync("cart");
        await using var worker = await host.WorkerAsync(Token);

        await FailAsync(host, worker, shop, 1);
        await FailAsync(host, worker, cart, 1);
        await Eventually.True(() => named.Messages.Count == 1 && other.Messages.Count == 1, "both beginnings are told", Token);
        await worker.SendAsync(Token, EngineHost.Result(shop, host.Now), EngineHost.Result(cart, host.Now));
        await Eventually.True(() => other.Messages.Count == 2, "the default channel is told of both ends of cart", Token);
        await Eventually.TrueAsync(async () => (await host.GetAsync<List<AlertRow>>("/alerts?state=open", Token)).Count == 0, "both are over", Token);
        Assert.All(other.Messages, m => Assert.Equal("cart", (string)m.Body["name"]!));
        Assert.Equal(("shop", "firing"), ((string)Assert.Single(named.Messages).Body["name"]!, (string)named.Messages.First().Body["kind"]!));
    }

    [Fact]
    public async Task Delete_WithAnOpenAlert_EndsItAndTheIncident()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        await using var host = await StartAsync(new Channels().With("hook", "webhook", receiver.Url));
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, shop, 1);
        await Eventually.True(() => receiver.Messages.Count == 1, "one message", Token);

        host.Board.Take(shop.Key);
        await Eventually.True(() => receiver.Messages.Count == 2, "its end", Token);
        Assert.Equal(("resolved", "Deleted"), ((string)receiver.Messages.Last().Body["kind"]!, (string)receiver.Messages.Last().Body["reason"]!));
        Assert.Equal("Deleted", Assert.Single(await host.GetAsync<List<IncidentRow>>("/incidents", Token)).Reason);
    }

    [Fact]
    public async Task Acknowledge_AnOpenAlert_SaysWho()
    {
        await using var host = await StartAsync(new Channels());
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, shop, 1);
        AlertRow? open = null;
        await Eventually.TrueAsync(async () => (open = (await host.GetAsync<List<AlertRow>>("/alerts?state=open", Token)).FirstOrDefault()) is not null, "it is open", Token);

        using var answer = await host.PostAsync($"/alerts/{open!.Id}/acknowledge?by=ada", "", Token);
        Assert.Equal(("acknowledged", "ada"), await answer.Content.ReadFromJsonAsync<AlertRow>(ApiJson.Options, Token) is { } row ? (row.State, row.AcknowledgedBy) : default);
        Assert.Equal("acknowledged", Assert.Single(await host.GetAsync<List<AlertRow>>("/alerts", Token)).State);
        using var unknown = await host.PostAsync("/alerts/1-down-1/acknowledge", "", Token);
        await EngineHost.ProblemAsync(unknown, 404, Token);
    }

    [Fact]
    public async Task Test_AChannel_SaysWhatCameOfIt()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        await using var host = await StartAsync(new Channels().With("slack", "slack", receiver.Url));
        using var good = await host.PostAsync("/channels/slack/test", "", Token);
        Assert.Equal(new ChannelTestRow(true, null), await good.Content.ReadFromJsonAsync<ChannelTestRow>(ApiJson.Options, Token));
        Assert.Equal("header", (string)Assert.Single(receiver.Messages).Body["blocks"]![0]!["type"]!);
        receiver.Answers.Enqueue((404, null));
        using var bad = await host.PostAsync("/channels/slack/test", "", Token);
        var row = await bad.Content.ReadFromJsonAsync<ChannelTestRow>(ApiJson.Options, Token);
        Assert.Equal(new ChannelTestRow(false, "The receiver answered 404."), row);
        using var unknown = await host.PostAsync("/channels/nobody/test", "", Token);
        await EngineHost.ProblemAsync(unknown, 404, Token);
        Assert.DoesNotContain("/hook", await host.Client.GetStringAsync("/channels", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliver_ReceiverAway_KeepsItsAddressToItself()
    {
        var channels = new Channels().With("hook", "webhook", "http://127.0.0.1:1/secret-token");
        await using var host = await StartAsync(channels);
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, shop, 1);
        await Eventually.True(() => !channels.Deliveries.IsEmpty, "a try", Token);
        var error = channels.Deliveries.First().Error!;
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", error, StringComparison.Ordinal);
    }

    private static Task<EngineHost> StartAsync(Channels channels, Func<EngineOptions, EngineOptions>? configure = null, MonitorBoard? board = null) => EngineHost.StartAsync(
        board, services => services.AddSingleton<IChannelDirectory>(channels).AddSingleton<ISecretSource>(channels), configure);

    private static async Task FailAsync(EngineHost host, TestWorker worker, MonitorState state, int times)
    {
        var now = host.Now;
        await worker.SendAsync(Token, [.. Enumerable.Range(0, times).Select(i => EngineHost.Result(state, now - ((times - i) * 1000), Outcome.Down))]);
        await Eventually.True(() => state.Health == Core.Sre.Health.Unhealthy, "it is unhealthy", Token);
    }
}
