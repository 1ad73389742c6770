using System.Data.Common;
using HealthTrack.Engine.Storage.Alerts;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>
/// One database: connections, the schema brought up to date before the first use, write transactions that check the leader's epoch, and errors put
/// into the words of <see cref="IResultStore"/>. Works again by itself as soon as the server does.
/// </summary>
internal sealed class PostgresDatabase : ISqlDatabase, IAsyncDisposable
{
    private const int MaxConnections = 10;

    // One to write, one to raise the epoch however busy the others are, one to read; migrating, which comes before all, takes two.
    private const int MinConnections = 3;

    // s, where the setting names none: long enough for a busy server, short enough that a dead one does not hold the pipeline for long.
    private const int ConnectTimeout = 5;
    private const int CommandTimeout = 20;

    // A session's settings. A process that was frozen (paused, swapped out) between lock and commit gives the lock back after 10 s, so that a new leader
    // gets it. Just-in-time compiling costs more than any query here takes.
    private const string SessionSettings =
        "set idle_in_transaction_session_timeout = '10s'; set lock_timeout = '15s'; set client_min_messages = warning; set jit = off";

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _migrating = new(1, 1);

    // Whoever finds no connection free waits here for as long as its caller lets it: a full pool is no sign of a server that is away, and many readers
    // must not take the writer's connection.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading;
    private long _epoch;
    private volatile bool _migrated;
    private volatile bool _lastWriteFailed;
    private volatile bool _disposed;

    /// <summary>Opens nothing yet.</summary>
    public PostgresDatabase(NpgsqlConnectionStringBuilder settings)
    {
        Place = PostgresSettings.PlaceOf(settings);
        _source = Source(settings);
        _reading = new SemaphoreSlim(settings.MaxPoolSize - (MinConnections - 1));
    }

    /// <summary>Host, port and database: what messages call it.</summary>
    public string Place { get; }

    /// <summary>The epoch that writes are made under.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>Whether the last write went wrong: reads may still work then, as on a full disk.</summary>
    public bool LastWriteFailed => _lastWriteFailed;

    /// <summary>Brings the schema up to date where it is not known to be.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_migrated)
            return;
        await _migrating.WaitAsync(cancellationToken);
        try
        {
            if (_migrated)
                return;
            await TranslatingAsync(async () =>
            {
                await PostgresMigrations.ApplyAsync(_source, Place, cancellationToken);
                return true;
            });
            _migrated = true;
        }
        finally
        {
            _migrating.Release();
        }
    }

    /// <summary>Runs <paramref name="work"/> on a connection of its own, outside a transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return await TranslatingAsync(async () =>
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return await work(connection);
            });
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction that no other writer shares and that only the leader may make, and commits it.</summary>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(_ => Task.FromResult(true), (_, _) => Task.FromResult(true), (connection, _) => work(connection), cancellationToken);

    /// <summary>
    /// The same, with a part before the transaction, each of whose statements is committed by itself, and a first part of the transaction that runs before the lock is
    /// taken, beside the writers of other processes: what needs the client, such as a COPY, belongs there and may touch nothing that others wait for, so that a
    /// client that stalls holds up nobody.
    /// </summary>
    public async Task<T> WriteAsync<TBefore, TPrepared, T>(
        Func<NpgsqlConnection, Task<TBefore>> before, Func<NpgsqlConnection, TBefore, Task<TPrepared>> prepare, Func<NpgsqlConnection, TPrepared, Task<T>> work,
        CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var result = await TranslatingAsync(async () =>
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                var early = await before(connection);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var prepared = await prepare(connection, early);
                await LockAsync(connection, cancellationToken);
                var made = await work(connection, prepared);
                // Not cancelled half way: nobody would know whether it is stored.
                await transaction.CommitAsync(CancellationToken.None);
                return made;
            });
            _lastWriteFailed = false;
            return result;
        }
        catch (StoreUnavailableException)
        {
            _lastWriteFailed = true;
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    Task<T> ISqlDatabase.ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) => ReadAsync<T>(work, cancellationToken);

    Task<T> ISqlDatabase.WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) => WriteAsync<T>(work, cancellationToken);

    /// <summary>Raises the store's epoch by one and makes it this instance's.</summary>
    public async Task<long> RaiseEpochAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await TranslatingAsync(async () =>
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("update leader_epoch set epoch = epoch + 1 returning epoch", connection);
            var epoch = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            Interlocked.Exchange(ref _epoch, epoch);
            return epoch;
        });
    }

    /// <summary>The store's epoch, on a connection that no reader can keep it from.</summary>
    public async Task<long> ReadEpochAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await TranslatingAsync(async () =>
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select epoch from leader_epoch", connection);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        // Connections in use are closed when they come back.
        await _source.DisposeAsync();
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select epoch from leader_epoch for update", connection);
        var epoch = await command.ExecuteScalarAsync(cancellationToken);
        // Unavailable, not refused: what this process still holds stays unacknowledged, and its senders bring it to the new leader.
        if (epoch is not long current || current != Epoch)
        {
            throw new StoreFencedException(
                $"Another HealthTrack process leads the database {Place} (epoch {epoch ?? "unknown"}, this one has {Epoch}): this one must not write.");
        }
    }

    private async Task<T> TranslatingAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (PostgresErrors.Translate(error, Place, _migrated) is { } translated)
        {
            // The pool would hand out every other connection of a server that went away, each for one more failure.
            if (PostgresErrors.BreaksConnections(error))
                Forget();
            throw translated;
        }
    }

    private void Forget()
    {
        try
        {
            _source.Clear();
        }
        catch (ObjectDisposedException)
        {
            // Disposed beside this call: there is nothing left to forget.
        }
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings)
    {
        settings.MaxPoolSize = settings.ShouldSerialize("Maximum Pool Size") ? Math.Max(settings.MaxPoolSize, MinConnections) : MaxConnections;
        if (!settings.ShouldSerialize("Timeout"))
            settings.Timeout = ConnectTimeout;
        if (!settings.ShouldSerialize("Command Timeout"))
            settings.CommandTimeout = CommandTimeout;
        if (string.IsNullOrEmpty(settings.ApplicationName))
            settings.ApplicationName = "healthtrack";
        settings.TcpKeepAlive = true; // finds out about a server that vanished while nothing was asked of it
        settings.PersistSecurityInfo = false;
        settings.IncludeErrorDetail = false; // details of a refused row may hold what a target answered
        // A session keeps its settings and its staging table; nothing else of it outlives a transaction.
        settings.NoResetOnClose = true;

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(SessionSettings, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(SessionSettings, connection);
                await command.ExecuteNonQueryAsync();
            });
        return builder.Build();
    }
}
