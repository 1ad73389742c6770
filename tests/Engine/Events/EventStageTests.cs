using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Sqlite;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Events;

public sealed class EventStageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Start).AddHours(1));
    private readonly Prometheus.CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly FailingSink _sink = new();
    private SqliteResultStore _store = null!;
    private UnsavingEvents _events = null!;
    private EventStage _stage = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteResultStore(_folder.File("x.db"));
        await _store.AddMonitorAsync("a", Token);
        foreach (var topic in EventTopics.All)
            await _store.Events.SaveCursorAsync(EventFeed.CursorOf(topic), 0, Token);
        _stage = new EventStage(new FakeStore { Events = _events = new UnsavingEvents(_store.Events) }, _sink, new EventMetrics(_registry), _time, NullLogger<EventStage>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.StopAsync(CancellationToken.None);
        _stage.Dispose();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Publish_APartialBatchAfterAFailure_LeavesNothingWaiting()
    {
        _sink.Fails = true;
        await _store.AppendChecksAsync([Check(1, Start), Check(1, Start + 1)], Token);
        await _stage.StartAsync(Token);
        await UntilAsync(async () => (await MetricsAsync()).Contains("healthtrack_events_waiting{topic=\"health_checks\"} 2\n", StringComparison.Ordinal), "two wait");
        Assert.DoesNotContain("healthtrack_events_behind_seconds{topic=\"health_checks\"} 0\n", await MetricsAsync(), StringComparison.Ordinal);

        _sink.Fails = false;
        await UntilAsync(async () => await CursorAsync() == 2, "published");
        // The clock stands still: what the gauges say now is not put right by a later, empty read.
        await Eventually.TrueAsync(async () => (await MetricsAsync()).Contains("healthtrack_events_waiting{topic=\"health_checks\"} 0\n", StringComparison.Ordinal), "none wait", Token);
        Assert.Contains("healthtrack_events_behind_seconds{topic=\"health_checks\"} 0\n", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_CursorCouldNotBeSaved_IsSavedOnAQuietTopic()
    {
        _events.SaveFails = true;
        await _store.AppendChecksAsync([Check(1, Start)], Token);
        await _stage.StartAsync(Token);
        await UntilAsync(() => Task.FromResult(_sink.Count == 1), "published");
        Assert.Equal(0, await CursorAsync());

        _events.SaveFails = false;
        await UntilAsync(async () => await CursorAsync() == 1, "saved");
        Assert.Equal(1, _sink.Count);
    }

    private Task<long?> CursorAsync() => _store.Events.ReadCursorAsync(EventFeed.CursorOf(EventTopics.Checks), Token);

    private Task UntilAsync(Func<Task<bool>> condition, string what) => Eventually.TrueAsync(
        async () =>
        {
            if (await condition())
                return true;
            _time.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        what, Token);

    private async Task<string> MetricsAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Token);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private sealed class FailingSink : IEventSink
    {
        private volatile bool _fails;

        public bool Fails { get => _fails; set => _fails = value; }

        public int Count { get; private set; }

        public Task<int> PublishAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
        {
            if (Fails)
                throw new EventSinkException("told to by a test");
            Count += events.Count;
            return Task.FromResult(events.Count);
        }
    }

    /// <summary>The events of a store that is away whenever a cursor is to be saved.</summary>
    private sealed class UnsavingEvents(IEventStore store) : IEventStore
    {
        private volatile bool _saveFails;

        public bool SaveFails { get => _saveFails; set => _saveFails = value; }

        public Task<long?> ReadCursorAsync(string name, CancellationToken cancellationToken) => store.ReadCursorAsync(name, cancellationToken);

        public Task SaveCursorAsync(string name, long position, CancellationToken cancellationToken) =>
            SaveFails ? throw new StoreUnavailableException("told to by a test") : store.SaveCursorAsync(name, position, cancellationToken);

        public Task<long> ReadLastEventAsync(string topic, CancellationToken cancellationToken) => store.ReadLastEventAsync(topic, cancellationToken);

        public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(string topic, long after, int limit, CancellationToken cancellationToken) =>
            store.ReadEventsAsync(topic, after, limit, cancellationToken);

        public Task<long> ReadLastCheckAsync(CancellationToken cancellationToken) => store.ReadLastCheckAsync(cancellationToken);

        public Task<IReadOnlyList<TailedCheck>> ReadChecksAfterAsync(long after, int limit, CancellationToken cancellationToken) =>
            store.ReadChecksAfterAsync(after, limit, cancellationToken);

        public Task<long> CountChecksAsync(long after, long dueBefore, CancellationToken cancellationToken) => store.CountChecksAsync(after, dueBefore, cancellationToken);

        public Task<long> DeleteEventsBeforeAsync(long before, CancellationToken cancellationToken) => store.DeleteEventsBeforeAsync(before, cancellationToken);
    }
}
