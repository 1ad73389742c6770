using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Alerts;

public sealed class OutboxTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeAlertStore _store = new();
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(
        new FakeStore { Alerts = _store }, new AlertMetrics(Prometheus.Metrics.NewCustomRegistry()), _time, NullLogger<Outbox>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_StoreThere_WritesFirstAndHandsOnThen()
    {
        await _outbox.StartAsync(Token);
        var (writing, entered) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.Saving = () =>
        {
            entered.TrySetResult();
            return writing.Task;
        };
        var written = _outbox.Add(Firing(1));
        await entered.Task.WaitAsync(Token);
        Assert.False(_outbox.Ready.TryRead(out _));
        writing.SetResult();
        await written.WaitAsync(Token);
        Assert.True(_store.Notifications.ContainsKey(Notification(1).Id));
        Assert.Equal(Notification(1), (await NextAsync()).Notification);
    }

    [Fact]
    public async Task Add_DeliveriesCannotBeWritten_GoesOnAndWritesThemLater()
    {
        _store.SavingDeliveries = () => throw new StoreUnavailableException("the disk is full");
        await _outbox.StartAsync(Token);
        _ = _outbox.Add(Firing(1));
        _outbox.Add(Delivery(1, DeliveryState.Waiting));
        await NextAsync();
        _ = _outbox.Add(Firing(2));
        Assert.Equal(Notification(2), (await NextAsync()).Notification);

        _outbox.Add(Delivery(1, DeliveryState.Sent));
        _store.SavingDeliveries = () => Task.CompletedTask;
        await AdvanceUntilAsync(() => _store.Deliveries.LastOrDefault().State == DeliveryState.Sent, "the last word of it is written");
    }

    [Fact]
    public async Task Add_StoreFreezes_HandsOnAfterSecondsAndFromThenAtOnce()
    {
        var frozen = new TaskCompletionSource();
        _store.Saving = () => frozen.Task;
        await _outbox.StartAsync(Token);
        _ = _outbox.Add(Firing(1));
        await AdvanceUntilAsync(() => _outbox.Ready.TryPeek(out _), "the first is told unwritten");
        await NextAsync();
        for (var i = 2; i < 50; i++)
        {
            Assert.True(_outbox.Add(Firing(i)).IsCompleted);
            Assert.True(_outbox.Ready.TryRead(out var next));
            Assert.Equal(Notification(i), next.Notification);
        }

        frozen.SetResult();
        await AdvanceUntilAsync(() => _store.Notifications.Count == 49, "all are written");
        Assert.False(_outbox.Ready.TryRead(out _));
    }

    [Fact]
    public async Task Add_StoreTakenOver_TellsNobody()
    {
        var tries = 0;
        _store.Saving = () =>
        {
            Interlocked.Increment(ref tries);
            throw new StoreFencedException("another process leads");
        };
        await _outbox.StartAsync(Token);
        _ = _outbox.Add(Firing(1));
        await Eventually.True(() => _outbox.IsFenced, "it knows", Token);
        var before = Volatile.Read(ref tries);
        _ = _outbox.Add(Firing(2));
        await AdvanceUntilAsync(() => Volatile.Read(ref tries) > before + 1, "it was tried again");
        Assert.False(_outbox.Ready.TryRead(out _));
    }

    [Fact]
    public async Task Write_ADefect_IsTriedAgain()
    {
        _store.Saving = () => throw new InvalidOperationException("a defect");
        await _outbox.StartAsync(Token);
        _ = _outbox.Add(Firing(1));
        await NextAsync();
        _store.Saving = () => Task.CompletedTask;
        await AdvanceUntilAsync(() => !_store.Notifications.IsEmpty, "it is written");
    }

    [Fact]
    public async Task Stop_WithSomethingAway_TriesOnceMore()
    {
        _store.Saving = () => throw new StoreUnavailableException("away");
        await _outbox.StartAsync(Token);
        _ = _outbox.Add(Firing(1));
        await NextAsync();
        _store.Saving = () => Task.CompletedTask;
        await _outbox.StopAsync(Token);
        Assert.Single(_store.Notifications);
    }

    public async ValueTask DisposeAsync()
    {
        await _outbox.StopAsync(CancellationToken.None);
        _outbox.Dispose();
    }

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Eventually.True(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what, Token);

    private ValueTask<QueuedNotification> NextAsync() => _outbox.Ready.ReadAsync(Token);

    private static AlertChanges Firing(int service) => new(
        [
            new AlertRecord
            {
                Subject = Subject(service), Signal = AlertSignal.Down, StartedAt = 1000, State = AlertState.Firing, Severity = AlertSeverity.Critical,
                Reason = "ChecksFailing", Message = "connection refused", Announcements = 1, AnnouncedAt = 1000,
            },
        ],
        [], [Notification(service)]);

    private static Notification Notification(int service) => new()
    {
        AlertId = $"{service}-down-1000",
        Number = 1,
        Channel = new("ops", "slack"),
        Kind = AnnouncementKind.Firing,
        Subject = Subject(service),
        DisplayName = "Shop",
        Target = "http://127.0.0.1/",
        Health = "Unhealthy",
        Signal = AlertSignal.Down,
        Severity = AlertSeverity.Critical,
        Reason = "ChecksFailing",
        Message = "connection refused",
        StartedAt = 1000,
        DecidedAt = 1000,
    };

    private static DeliveryRecord Delivery(int service, DeliveryState state) => new(Notification(service).Id, new("ops", "slack"), state, 1, 2000, null);

    private static AlertSubject Subject(int service) => new(service, new MonitorKey("shop", $"s{service}"));
}
