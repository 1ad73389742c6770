using System.Collections.Concurrent;
using HealthTrack.Operator.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class EventLaneTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_WriterIsSlow_WaitsForNothingAndKeepsTheOrder()
    {
        var written = new ConcurrentQueue<string>();
        var slow = new TaskCompletionSource();
        using var lane = new EventLane(
            async (_, _, message, _, _) =>
            {
                await slow.Task;
                written.Enqueue(message);
            },
            () => false, TimeProvider.System, NullLogger<EventLane>.Instance);
        await lane.StartAsync(Token);

        for (var i = 0; i < 100; i++)
            Assert.True(PublishAsync(lane, $"{i}").IsCompletedSuccessfully);
        slow.SetResult();

        await Eventually.True(() => written.Count == 100, "all are written", Token);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), written);
        await lane.StopAsync(Token);
    }

    [Fact]
    public async Task Publish_OneCannotBeWritten_TheNextIs()
    {
        var written = new ConcurrentQueue<string>();
        using var lane = new EventLane(
            (_, _, message, _, _) =>
            {
                if (message == "bad")
                    throw new InvalidOperationException("it is broken");
                written.Enqueue(message);
                return Task.CompletedTask;
            },
            () => false, TimeProvider.System, NullLogger<EventLane>.Instance);
        await lane.StartAsync(Token);

        await PublishAsync(lane, "bad");
        await PublishAsync(lane, "good");

        await Eventually.True(() => written.Contains("good"), "it goes on", Token);
        await lane.StopAsync(Token);
    }

    [Fact]
    public async Task Publish_NothingIsWrittenForLong_HoldsSoManyAndNoMore()
    {
        var written = 0;
        using var lane = new EventLane(
            (_, _, _, _, _) =>
            {
                Interlocked.Increment(ref written);
                return Task.CompletedTask;
            },
            () => false, TimeProvider.System, NullLogger<EventLane>.Instance);

        for (var i = 0; i < 11_000; i++)
            await PublishAsync(lane, "down");
        await lane.StartAsync(Token);

        await Eventually.True(() => Volatile.Read(ref written) == 10_000, "those that had room", Token);
        await lane.StopAsync(Token);
        Assert.Equal(10_000, written);
    }

    [Fact]
    public async Task Publish_OthersWait_LetsThemGoFirst()
    {
        var (written, asked, othersWait, time) = (0, 0, true, new FakeTimeProvider());
        using var lane = new EventLane(
            (_, _, _, _, _) =>
            {
                Interlocked.Increment(ref written);
                return Task.CompletedTask;
            },
            () =>
            {
                Interlocked.Increment(ref asked);
                return Volatile.Read(ref othersWait);
            },
            time, NullLogger<EventLane>.Instance);
        await lane.StartAsync(Token);

        await PublishAsync(lane, "down");
        await Eventually.True(() => Passes(time, ref asked, 10), "it looks and looks", Token);
        Assert.Equal(0, Volatile.Read(ref written));
        Volatile.Write(ref othersWait, false);
        await Eventually.True(() => Passes(time, ref written, 1), "it is its turn", Token);
        await lane.StopAsync(Token);
    }

    [Fact]
    public async Task Publish_OthersAlwaysWait_IsWrittenAfterHalfAMinute()
    {
        var (written, time) = (0, new FakeTimeProvider());
        using var lane = new EventLane(
            (_, _, _, _, _) =>
            {
                Interlocked.Increment(ref written);
                return Task.CompletedTask;
            },
            () => true, time, NullLogger<EventLane>.Instance);
        await lane.StartAsync(Token);
        await PublishAsync(lane, "down");
        var since = time.GetUtcNow();

        await Eventually.True(() => Passes(time, ref written, 1), "it has waited long enough", Token);

        Assert.True(time.GetUtcNow() - since >= TimeSpan.FromSeconds(30), $"it waited {time.GetUtcNow() - since}");
        await lane.StopAsync(Token);
    }

    [Fact]
    public async Task Stop_EventsStillWait_AreWrittenFirst()
    {
        var (written, asked) = (new ConcurrentQueue<string>(), 0);
        using var lane = new EventLane(
            (_, _, message, _, token) =>
            {
                token.ThrowIfCancellationRequested();
                written.Enqueue(message);
                return Task.CompletedTask;
            },
            () => Interlocked.Increment(ref asked) > 0, TimeProvider.System, NullLogger<EventLane>.Instance);
        await lane.StartAsync(Token);
        foreach (var message in new[] { "a", "b", "c" })
            await PublishAsync(lane, message);
        await Eventually.True(() => Volatile.Read(ref asked) > 0, "it waits", Token);
        Assert.Empty(written);

        await lane.StopAsync(Token);

        Assert.Equal(["a", "b", "c"], written);
    }

    private static bool Passes(FakeTimeProvider time, ref int count, int least)
    {
        time.Advance(TimeSpan.FromMilliseconds(200));
        return Volatile.Read(ref count) >= least;
    }

    private static Task PublishAsync(EventLane lane, string message) => lane.PublishAsync(
        new Widget { ApiVersion = "test/v1", Kind = "Widget", Metadata = new() { Name = "w", NamespaceProperty = "default" } }, "Down", message, EventType.Warning, Token);
}
