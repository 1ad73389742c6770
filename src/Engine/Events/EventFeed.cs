using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Events;

/// <summary>One topic as the store has it: what comes after a position, and where the end is.</summary>
/// <param name="topic">One of <see cref="EventTopics.All"/>.</param>
/// <param name="events">The store.</param>
internal sealed class EventFeed(string topic, IEventStore events)
{
    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>How far it was published, as far as this process knows; null before it asked.</summary>
    public long? Position { get; set; }

    /// <summary>The position that the store has, as far as this process knows; null before it asked.</summary>
    public long? Saved { get; private set; }

    /// <summary>How long it waits since Kafka last did not take it; null while Kafka does.</summary>
    public TimeSpan? Retry { get; set; }

    /// <summary>Not before this timestamp of the clock is it tried again.</summary>
    public long NextTry { get; set; } = long.MinValue;

    private string Cursor => CursorOf(topic);

    /// <summary>The name of a topic's cursor in the store.</summary>
    public static string CursorOf(string topic) => $"kafka/{topic}";

    /// <summary>The next events, in order.</summary>
    public async Task<IReadOnlyList<StoredEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken) => topic == EventTopics.Checks
        ? [.. (await events.ReadChecksAfterAsync(after, limit, cancellationToken)).Select(tailed => new StoredEvent(tailed.Check.Id, EventContent.Of(tailed)))]
        : await events.ReadEventsAsync(topic, after, limit, cancellationToken);

    /// <summary>The position of the newest.</summary>
    public Task<long> EndAsync(CancellationToken cancellationToken) =>
        topic == EventTopics.Checks ? events.ReadLastCheckAsync(cancellationToken) : events.ReadLastEventAsync(topic, cancellationToken);

    /// <summary>How far it was published; null where it never was.</summary>
    public async Task<long?> LoadAsync(CancellationToken cancellationToken) => Saved = await events.ReadCursorAsync(Cursor, cancellationToken);

    /// <summary>Remembers how far it was published.</summary>
    public async Task SaveAsync(long position, CancellationToken cancellationToken)
    {
        await events.SaveCursorAsync(Cursor, position, cancellationToken);
        Saved = position;
    }
}
