using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Api;
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
