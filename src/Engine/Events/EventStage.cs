using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Events;

/// <summary>
/// Tails the store and hands on what is new, behind a cursor that is saved once a batch has arrived: at least once, in order for each monitor, and nothing held in memory
/// but one batch. Enabled for the first time it begins at now.
/// </summary>
internal sealed class EventStage(IResultStore store, IEventSink sink, EventMetrics metrics, TimeProvider time, ILogger<EventStage> log) : BackgroundService
{
    private const int Batch = 2000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MinRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<EventFeed> _feeds = [.. EventTopics.All.Select(topic => new EventFeed(topic, store.Events))];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var (more, away) = (false, false);
            // A batch of each in turn: a long backlog of checks does not hold up a change of health, and neither does a topic that Kafka refuses, or whose cursor the
            // store does not take.
            foreach (var feed in _feeds)
            {
                try
                {
                    more |= feed.NextTry <= time.GetTimestamp() && await TryPublishAsync(feed, stoppingToken);
                }
                catch (StoreUnavailableException)
                {
                    // Whoever writes to the store says it; this one asks again.
                    away = true;
                }
            }
            if (away)
                await Task.Delay(MinRetry, time, stoppingToken);
            else if (!more)
                await Task.Delay(Pause, time, stoppingToken);
        }
    }

    // True where there is more to publish at once. A topic that is not taken waits by itself, longer each time.
    private async Task<bool> TryPublishAsync(EventFeed feed, CancellationToken cancellationToken)
    {
        try
        {
            return await PublishAsync(feed, cancellationToken);
        }
        catch (EventSinkException e)
        {
            if (feed.Retry is null)
                Log.SinkAway(log, feed.Topic, e.Message);
            metrics.Failed(feed.Topic, e.Message);
            feed.Retry = feed.Retry is not { } last ? MinRetry : last * 2 < MaxRetry ? last * 2 : MaxRetry;
            feed.NextTry = time.GetTimestamp() + (long)(feed.Retry.Value.TotalSeconds * time.TimestampFrequency);
            await MeasureAsync(feed, (await feed.ReadAsync(feed.Position!.Value, 1, cancellationToken)) is [var oldest] ? oldest.Event : null, cancellationToken);
            return false;
        }
    }

    // True where there is more to publish at once.
    private async Task<bool> PublishAsync(EventFeed feed, CancellationToken cancellationToken)
    {
        var position = feed.Position ??= await BeginAsync(feed, cancellationToken);
        var events = await feed.ReadAsync(position, Batch, cancellationToken);
        if (events.Count == 0)
        {
            metrics.Waits(feed.Topic, 0, 0);
            await SaveAsync(feed, cancellationToken);
            return false;
        }
        metrics.Published(feed.Topic, await sink.PublishAsync([.. events.Select(e => e.Event)], cancellationToken));
        if (feed.Retry is not null)
            Log.SinkBack(log, feed.Topic);
        (feed.Retry, feed.NextTry) = (null, long.MinValue);
        // Known here at once: where the store is away the cursor stays behind, and only a restart would publish these again.
        feed.Position = events[^1].Position;
        await SaveAsync(feed, cancellationToken);
        if (events.Count == Batch)
            await MeasureAsync(feed, events[^1].Event, cancellationToken);
        else
            metrics.Waits(feed.Topic, 0, 0);
        return events.Count == Batch;
    }

    // Where the last one could not be saved, also on a topic that has grown quiet.
    private static async Task SaveAsync(EventFeed feed, CancellationToken cancellationToken)
    {
        if (feed.Position is { } position && position != feed.Saved)
            await feed.SaveAsync(position, cancellationToken);
    }

    private async Task<long> BeginAsync(EventFeed feed, CancellationToken cancellationToken)
    {
        if (await feed.LoadAsync(cancellationToken) is { } known)
            return known;
        var now = await feed.EndAsync(cancellationToken);
        await feed.SaveAsync(now, cancellationToken);
        Log.Begun(log, feed.Topic, now);
        return now;
    }

    private async Task MeasureAsync(EventFeed feed, NewEvent? oldest, CancellationToken cancellationToken)
    {
        var end = await feed.EndAsync(cancellationToken);
        var age = oldest is null ? 0 : (time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(oldest.At)).TotalSeconds;
        metrics.Waits(feed.Topic, oldest is null ? 0 : Math.Max(0, end - feed.Position!.Value), Math.Max(0, age));
    }
}
