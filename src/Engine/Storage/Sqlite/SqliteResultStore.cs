using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage.Alerts;
using HealthTrack.Engine.Storage.Events;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>
/// The embedded store: one SQLite file in WAL mode. What was acknowledged survives kill -9 and a power cut. A second process on the same
/// file does no harm, though both wait for each other's writes.
/// </summary>
/// <remarks>Besides <see cref="StoreUnavailableException"/>, methods throw <see cref="StoreRefusedException"/> for a file that only a person can mend.</remarks>
internal sealed class SqliteResultStore(string path, TimeSpan? busyTimeout = null) : IResultStore
{
    private const int MaxPage = 1000;

    private readonly SqliteDatabase _database = new(path, busyTimeout);

    public IAlertStore Alerts => field ??= new AlertStore(_database);

    public IEventStore Events => field ??= new EventStore(
        _database, (connection, after, limit, stop) => Task.FromResult(SqliteCheckReader.ReadAfter((SqliteConnection)connection, after, limit, stop)));

    public Task InitializeAsync(CancellationToken cancellationToken) => _database.OpenAsync(cancellationToken);

    public async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            // After a failed write only a write tells whether the store is back: a full disk can be read.
            _ = _database.LastWriteFailed
                ? await _database.WriteAsync(connection => Execute(connection, "update counters set last = last"), cancellationToken)
                : await _database.ReadAsync(connection => Execute(connection, "select last from counters limit 1"), cancellationToken);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public Task<IReadOnlyList<StoredMonitor>> ReadMonitorsAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(SqliteMonitors.ReadAll, cancellationToken);

    public async Task<IReadOnlyList<long>> SaveMonitorsAsync(IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken) =>
        monitors.Count == 0 ? [] : await _database.WriteAsync(connection => SqliteMonitors.Save(connection, monitors), cancellationToken);

    public async Task SaveHealthAsync(IReadOnlyList<HealthMark> marks, IReadOnlyList<NewEvent> changes, CancellationToken cancellationToken)
    {
        if (marks.Count == 0 && changes.Count == 0)
            return;
        await ((ISqlDatabase)_database).WriteAsync(
            async connection =>
            {
                SqliteMonitors.SaveHealth((SqliteConnection)connection, marks);
                await EventTables.AddAsync(connection, changes, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<long>> AppendChecksAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken)
    {
        if (checks.Count == 0)
            return [];
        var (ids, names) = await _database.WriteAsync(
            connection =>
            {
                var resolver = _database.Names.In(connection);
                return (SqliteCheckWriter.Append(connection, checks, resolver), resolver);
            },
            cancellationToken);
        names.Keep();
        return ids;
    }

    public async Task<IReadOnlyList<StoredCheck>> ReadChecksAsync(CheckQuery query, CancellationToken cancellationToken)
    {
        if (query.Limit is < 1 or > MaxPage)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, $"The limit must be 1 to {MaxPage}.");
        return await _database.ReadAsync(connection => SqliteCheckReader.ReadPage(connection, query, cancellationToken), cancellationToken);
    }

    public async Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(long serviceId, long from, long until, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            connection => SqliteCheckReader.ReadSamples(connection, _database.Names, serviceId, from, until, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<StoredHistory>> ReadHistoriesAsync(IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            connection => queries.Select(query => SqliteCheckReader.ReadHistory(connection, _database.Names, query, cancellationToken)).ToList(), cancellationToken);

    public async Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binLength);
        return await _database.ReadAsync(
            connection => SqliteCheckReader.CountOutcomes(connection, serviceId, from, until, binLength, fromGeneration, cancellationToken),
            cancellationToken);
    }

    public Task<long?> ReadFirstDueAsync(long serviceId, long from, long fromGeneration, CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => SqliteCheckReader.ReadFirstDue(connection, serviceId, from, fromGeneration), cancellationToken);

    public async Task<long> DeleteBeforeAsync(long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        var service = 0L;
        SqliteRetention.Piece piece;
        do
        {
            // The gate opens between two pieces, so that writers get their turn.
            var after = service;
            piece = await _database.WriteAsync(connection => SqliteRetention.DeletePiece(connection, before, keepFrom, after), cancellationToken);
            deleted += piece.Deleted;
            service = piece.AfterService;
        }
        while (!piece.Done);

        var cutOff = keepFrom.Values.Aggregate(before, Math.Min);
        while (await _database.WriteAsync(connection => SqliteRetention.DeleteCertificates(connection, cutOff), cancellationToken))
        {
            // Writers get their turn here too.
        }

        return deleted;
    }

    public Task<IReadOnlyList<StoredWorker>> ReadWorkersAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(SqliteWorkers.ReadAll, cancellationToken);

    public Task SaveWorkersAsync(IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => SqliteWorkers.Save(connection, connected, gone), cancellationToken);

    public Task<IReadOnlyList<BlindTime>> ReadBlindTimesAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(SqliteBlindTimes.ReadAll, cancellationToken);

    public Task SaveBlindTimesAsync(IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => SqliteBlindTimes.Save(connection, times, forgetBefore), cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
