using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage.Alerts;
using HealthTrack.Engine.Storage.Events;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>
/// The store in a Postgres database, which several processes may share. What was acknowledged is as durable as the server's <c>synchronous_commit</c>
/// makes it.
/// </summary>
internal sealed class PostgresResultStore(NpgsqlConnectionStringBuilder settings, TimeProvider time) : IResultStore, ILeaderFence
{
    private const int MaxPage = 1000;

    private readonly PostgresDatabase _database = new(settings);
    private readonly PostgresPartitions _partitions = new(time);

    public long LeaderEpoch => _database.Epoch;

    public Task<long> RaiseLeaderEpochAsync(CancellationToken cancellationToken) => _database.RaiseEpochAsync(cancellationToken);

    public Task<long> ReadLeaderEpochAsync(CancellationToken cancellationToken) => _database.ReadEpochAsync(cancellationToken);

    public IAlertStore Alerts => field ??= new AlertStore(_database);

    public IEventStore Events => field ??= new EventStore(
        _database, (connection, after, limit, stop) => PostgresCheckReader.ReadAfterAsync((NpgsqlConnection)connection, after, limit, stop));

    public Task InitializeAsync(CancellationToken cancellationToken) => _database.OpenAsync(cancellationToken);

    public async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            // After a failed write only a write tells whether the store is back: a full disk can be read.
            _ = _database.LastWriteFailed
                ? await _database.WriteAsync(connection => ExecuteAsync(connection, "update counters set last = last", cancellationToken), cancellationToken)
                : await _database.ReadAsync(connection => ExecuteAsync(connection, "select last from counters limit 1", cancellationToken), cancellationToken);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public Task<IReadOnlyList<StoredMonitor>> ReadMonitorsAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => PostgresMonitors.ReadAllAsync(connection, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<long>> SaveMonitorsAsync(IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken) =>
        monitors.Count == 0
            ? []
            : await _database.WriteAsync(connection => PostgresMonitors.SaveAsync(connection, monitors, cancellationToken), cancellationToken);

    public async Task SaveHealthAsync(IReadOnlyList<HealthMark> marks, IReadOnlyList<NewEvent> changes, CancellationToken cancellationToken)
    {
        if (marks.Count == 0 && changes.Count == 0)
            return;
        await _database.WriteAsync(
            async connection =>
            {
                await PostgresMonitors.SaveHealthAsync(connection, marks, cancellationToken);
                await EventTables.AddAsync(connection, changes, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<long>> AppendChecksAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken)
    {
        if (checks.Count == 0)
            return [];
        await MakePartitionsAsync(_partitions.Missing(checks), cancellationToken);
        try
        {
            return await AppendAsync(checks, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // There is no partition for one of the rows: another process dropped a day that this one remembers.
            _partitions.Forget();
            await MakePartitionsAsync(_partitions.Missing(checks), cancellationToken);
            return await AppendAsync(checks, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<StoredCheck>> ReadChecksAsync(CheckQuery query, CancellationToken cancellationToken)
    {
        if (query.Limit is < 1 or > MaxPage)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, $"The limit must be 1 to {MaxPage}.");
        return await _database.ReadAsync(connection => PostgresCheckReader.ReadPageAsync(connection, query, cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(long serviceId, long from, long until, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => PostgresCheckReader.ReadSamplesAsync(connection, serviceId, from, until, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<StoredHistory>> ReadHistoriesAsync(IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken) =>
        queries.Count == 0 ? [] : await _database.ReadAsync(connection => PostgresHistoryReader.ReadAsync(connection, queries, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binLength);
        return _database.ReadAsync(
            connection => PostgresCheckReader.CountOutcomesAsync(connection, serviceId, from, until, binLength, fromGeneration, cancellationToken),
            cancellationToken);
    }

    public Task<long?> ReadFirstDueAsync(long serviceId, long from, long fromGeneration, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => PostgresCheckReader.ReadFirstDueAsync(connection, serviceId, from, fromGeneration, cancellationToken), cancellationToken);

    public async Task<long> DeleteBeforeAsync(long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken)
    {
        // The hourly pass is also what makes the days ahead, long before their first check.
        _partitions.Forget();
        await MakePartitionsAsync([], cancellationToken, always: true);
        return await PostgresRetention.DeleteBeforeAsync(_database, before, keepFrom, cancellationToken);
    }

    public Task<IReadOnlyList<StoredWorker>> ReadWorkersAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => PostgresWorkers.ReadAllAsync(connection, cancellationToken), cancellationToken);

    public Task SaveWorkersAsync(IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => PostgresWorkers.SaveAsync(connection, connected, gone, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<BlindTime>> ReadBlindTimesAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => PostgresBlindTimes.ReadAllAsync(connection, cancellationToken), cancellationToken);

    public Task SaveBlindTimesAsync(IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => PostgresBlindTimes.SaveAsync(connection, times, forgetBefore, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task<long[]> AppendAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken) => _database.WriteAsync(
        connection => PostgresNames.ResolveAsync(connection, checks, cancellationToken),
        (connection, names) => PostgresCheckWriter.StageAsync(connection, checks, names, cancellationToken),
        (connection, count) => PostgresCheckWriter.StoreStagedAsync(connection, count, cancellationToken),
        cancellationToken);

    private async Task MakePartitionsAsync(IReadOnlyCollection<long> days, CancellationToken cancellationToken, bool always = false)
    {
        if (days.Count == 0 && !always)
            return;
        _partitions.Remember(await _database.WriteAsync(
            connection => _partitions.MakeAsync(connection, days, cancellationToken), cancellationToken));
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
