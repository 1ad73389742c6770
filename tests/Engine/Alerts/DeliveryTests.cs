using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Api;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>What one receiver does to the others, and what is told where a channel is late or gone.</summary>
public sealed class DeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliver_AnotherReceiverFails_ReachesTheHealthyOneAtTheFirstTry()
    {
        const int count = 120;
        await using var good = await Receiver.StartAsync(Token);
        await using var bad = await Receiver.StartAsync(Token);
        bad.Status = 500;
        var channels = new Channels().With("good", "webhook", good.Url).With("bad", "webhook", bad.Url);
        await using var host = await StartAsync(channels);
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, count);
        await Eventually.True(() => bad.Messages.Select(m => m.Key).Distinct().Count() == count, "the bad one was tried with each", Token);

        var late = await host.DeclareAsync("late");
        await worker.SendAsync(Token, [.. Enumerable.Range(1, 3).Select(i => EngineHost.Result(late, host.Now - (i * 1000), Outcome.Down))]);
        await Eventually.True(() => good.Messages.Count == count + 1, "the good one has them all", Token);
        Assert.DoesNotContain(channels.Deliveries, d => d.Key.Name == "good" && d.Error is not null);
    }

    [Fact]
    public async Task Deliver_ReceiverHangs_SendsItFourAtOnceAndTheOtherAll()
    {
        await using var hangs = await Receiver.StartAsync(Token);
        await using var other = await Receiver.StartAsync(Token);
        hangs.Hold = new SemaphoreSlim(0);
        await using var host = await StartAsync(new Channels().With("hangs", "webhook", hangs.Url).With("other", "webhook", other.Url));
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, 20);
        await Eventually.True(() => other.Messages.Count == 20, "the other is not held up", Token);
        await Eventually.True(() => hangs.MostHeld == 4, "four are under way", Token);
        hangs.Hold.Release(100);
        await Eventually.True(() => hangs.Messages.Select(m => m.Key).Distinct().Count() == 20, "all come", Token);
        Assert.Equal(4, hangs.MostHeld);
    }

    [Fact]
    public async Task Start_ChannelsKnownLate_WaitsForThemWithWhatIsToBeTold()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        var known = new TaskCompletionSource();
        var channels = new Channels { FirstSync = known.Task };
        await using var host = await StartAsync(channels);
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, 1);
        channels.With("hook", "webhook", receiver.Url);
        Assert.Empty(receiver.Messages);
        known.SetResult();
        await Eventually.True(() => receiver.Messages.Count == 1, "it is told", Token);
    }

    [Fact]
    public async Task Stop_WithADeliveryUnderWay_WaitsForWhatBecameOfIt()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        receiver.Hold = new SemaphoreSlim(0);
        var claims = new SlowClaims();
        using var folder = new TemporaryFolder();
        var channels = new Channels().With("hook", "webhook", receiver.Url);
        var storage = $"sqlite:{folder.File("kept.db")}";
        {
            await using var host = await EngineHost.StartAsync(
                compose: services => services.AddSingleton<IChannelDirectory>(channels).AddSingleton<ISecretSource>(channels).AddSingleton<IDeliveryClaims>(claims),
                configure: options => options with { Storage = storage });
            await using var worker = await host.WorkerAsync(Token);
            await FailAsync(host, worker, 1);
            await Eventually.True(() => !receiver.Messages.IsEmpty, "it is being sent", Token);
            receiver.Hold.Release();
            await claims.Confirming.Task.WaitAsync(Token);
            // The answer has come, and the program stops before that is written down.
            var stopping = host.App.StopAsync(Token);
            claims.Confirmed.SetResult();
            await stopping;
        }
        receiver.Hold = null;
        await using var store = new Engine.Storage.Sqlite.SqliteResultStore(folder.File("kept.db"));
        await store.InitializeAsync(Token);
        Assert.Empty(await store.Alerts.ReadOutboxAsync(null, Token));
    }

    [Fact]
    public void Look_ChannelsNotKnownYet_IsToldOnceTheyAre()
    {
        var known = new TaskCompletionSource();
        var channels = new Channels { FirstSync = known.Task };
        var book = new AlertBook();
        var look = new AlertLook(book, new ChannelChoice(channels));
        var monitor = States.Monitor("shop");
        var state = States.State(7, monitor, 1_900_000_000_000);
        state.Record(States.Result(monitor, 1_900_000_000_000, Outcome.Down), 1_900_000_000_000);
        look.At(state.Snapshot(1_900_000_000_000), 1_900_000_000_000, TimeSpan.MaxValue);
        Assert.Equal((1, 0), (look.Changes.Alerts.Count, look.Changes.Notifications.Count));

        channels.With("hook", "webhook", "http://127.0.0.1/");
        known.SetResult();
        look = new AlertLook(book, new ChannelChoice(channels));
        look.At(state.Snapshot(1_900_000_001_000), 1_900_000_001_000, TimeSpan.MaxValue);
        Assert.Equal(Core.Alerts.AnnouncementKind.Firing, Assert.Single(look.Changes.Notifications).Kind);
        look = new AlertLook(book, new ChannelChoice(channels));
        look.At(state.Snapshot(1_900_000_002_000), 1_900_000_002_000, TimeSpan.MaxValue);
        Assert.Empty(look.Changes.Notifications);
    }

    [Fact]
    public async Task Deliver_ChannelGoneForAMoment_ArrivesWhenItIsBack()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        receiver.Status = 500;
        var channels = new Channels().With("hook", "webhook", receiver.Url);
        await using var host = await StartAsync(channels);
        await using var worker = await host.WorkerAsync(Token);
        await FailAsync(host, worker, 1);
        await Eventually.True(() => !receiver.Messages.IsEmpty, "a first try", Token);
        channels.Without("hook");
        await Eventually.True(() => channels.Deliveries.Any(d => d.Error!.StartsWith("The channel does not exist", StringComparison.Ordinal)), "it is missed", Token);
        receiver.Status = 200;
        channels.With("hook", "webhook", receiver.Url);
        await Eventually.True(() => channels.Deliveries.Any(d => d.Error is null), "it arrives", Token);
        Assert.Single(receiver.Messages.Select(m => m.Key).Distinct());
    }

    // Redis, that is slow to answer.
    private sealed class SlowClaims : IDeliveryClaims
    {
        public TaskCompletionSource Confirming { get; } = new();

        public TaskCompletionSource Confirmed { get; } = new();

        public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<ClaimAnswer> TakeAsync(string delivery, CancellationToken cancellationToken) => new(ClaimAnswer.Taken);

        public async ValueTask ConfirmAsync(string delivery, CancellationToken cancellationToken)
        {
            Confirming.TrySetResult();
            await Confirmed.Task.WaitAsync(cancellationToken);
        }

        public ValueTask ReleaseAsync(string delivery, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private static Task<EngineHost> StartAsync(Channels channels) => EngineHost.StartAsync(
        compose: services => services.AddSingleton<IChannelDirectory>(channels).AddSingleton<ISecretSource>(channels));

    private static async Task FailAsync(EngineHost host, TestWorker worker, int monitors)
    {
        var states = new List<MonitorState>();
        for (var i = 0; i < monitors; i++)
            states.Add(await host.DeclareAsync($"s{i}"));
        var now = host.Now;
        await worker.SendAsync(Token, [.. states.SelectMany(s => Enumerable.Range(1, 3).Select(i => EngineHost.Result(s, now - ((4 - i) * 1000), Outcome.Down)))]);
        await Eventually.True(() => states.TrueForAll(s => s.Health == Core.Sre.Health.Unhealthy), "all are unhealthy", Token);
    }
}
