using System.Data.Common;
using HealthTrack.Engine.Storage.Alerts;

namespace HealthTrack.Engine.Storage.Events;

/// <summary>Events in the database of the checks, whichever that is.</summary>
/// <param name="database">The database.</param>
/// <param name="readChecks">How its driver reads checks by id.</param>
internal sealed class EventStore(ISqlDatabase database, Func<DbConnection, long, int, CancellationToken, Task<IReadOnlyList<TailedCheck>>> readChecks) : IEventStore
{
    public Task<long?> ReadCursorAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => EventTables.CursorAsync(connection, name, cancellationToken), cancellationToken);

    public Task SaveCursorAsync(string name, long position, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => EventTables.SaveCursorAsync(connection, name, position, cancellationToken), cancellationToken);

    public Task<long> ReadLastEventAsync(string topic, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => EventTables.LastAsync(connection, topic, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(string topic, long after, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => EventTables.ReadAsync(connection, topic, after, limit, cancellationToken), cancellationToken);

    public Task<long> ReadLastCheckAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => EventTables.LastCheckAsync(connection, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<TailedCheck>> ReadChecksAfterAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => readChecks(connection, after, limit, cancellationToken), cancellationToken);

    public Task<long> CountChecksAsync(long after, long dueBefore, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => EventTables.CountChecksAsync(connection, after, dueBefore, cancellationToken), cancellationToken);

    public Task<long> DeleteEventsBeforeAsync(long before, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => EventTables.DeleteBeforeAsync(connection, before, cancellationToken), cancellationToken);
}
