using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Storage;

/// <summary>
/// What other systems are to be told of, and how far they have been: part of the same store, under the same rules (see <see cref="IResultStore"/>). Positions ascend in the
/// order of the commits, so nothing can still appear before one that was read.
/// </summary>
public interface IEventStore
{
    /// <summary>How far the reader of this name has come; null where none ever was.</summary>
    Task<long?> ReadCursorAsync(string name, CancellationToken cancellationToken);

    /// <summary>Remembers how far a reader has come.</summary>
    Task SaveCursorAsync(string name, long position, CancellationToken cancellationToken);

    /// <summary>The position of the newest event of a topic, 0 where there is none.</summary>
    Task<long> ReadLastEventAsync(string topic, CancellationToken cancellationToken);

    /// <summary>The events of a topic after a position, in order.</summary>
    Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(string topic, long after, int limit, CancellationToken cancellationToken);

    /// <summary>The id of the check that was stored last, 0 where none was.</summary>
    Task<long> ReadLastCheckAsync(CancellationToken cancellationToken);

    /// <summary>The checks of all services after an id, in the order of their ids.</summary>
    Task<IReadOnlyList<TailedCheck>> ReadChecksAfterAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>How many checks after an id are due before a time.</summary>
    Task<long> CountChecksAsync(long after, long dueBefore, CancellationToken cancellationToken);

    /// <summary>Deletes the events that happened before a time.</summary>
    /// <param name="before">The time, ms since the Unix epoch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many went.</returns>
    Task<long> DeleteEventsBeforeAsync(long before, CancellationToken cancellationToken);
}

/// <summary>Something that other systems are to be told of.</summary>
/// <param name="Topic">Under which topic.</param>
/// <param name="Key">What it is told apart by: derived from what happened, so that the same thing written twice is one event.</param>
/// <param name="Monitor">Whose it is.</param>
/// <param name="At">When it happened, ms since the Unix epoch.</param>
/// <param name="Content">What is told, JSON.</param>
public sealed record NewEvent(string Topic, string Key, MonitorKey Monitor, long At, string Content);

/// <summary>An event that is stored.</summary>
/// <param name="Position">Its place in the order.</param>
/// <param name="Event">The event.</param>
public readonly record struct StoredEvent(long Position, NewEvent Event);

/// <summary>A check with the name of its service.</summary>
/// <param name="Monitor">Whose it is.</param>
/// <param name="Check">The check.</param>
public readonly record struct TailedCheck(MonitorKey Monitor, StoredCheck Check);
