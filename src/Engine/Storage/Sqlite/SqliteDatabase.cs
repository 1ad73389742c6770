using System.Collections.Concurrent;
using System.Data.Common;
using HealthTrack.Engine.Storage.Alerts;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>
/// One SQLite file: a single writing connection behind a gate, a few reading ones, opened when needed and thrown away on any error, so that
/// the store is back as soon as the file is.
/// </summary>
/// <remarks>
/// SQLite has no asynchronous calls: a write waits for the disk, a blocked one for the busy time-out. The work therefore runs on pool threads
/// of its own and never on the caller's, which may be a pipeline's only loop; it holds at most one writer and <see cref="MaxReaders"/> readers at
/// once, so that a slow disk cannot drain the pool.
/// </remarks>
internal sealed class SqliteDatabase : ISqlDatabase, IAsyncDisposable
{
    private const int MaxReaders = 4;

    // KiB of pages that a connection keeps. The writer comes back to the same pages of an index at each batch; a reader reads what the system has in memory anyway.
    private const int WriterCache = 2048;
    private const int ReaderCache = 512;
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading = new(MaxReaders, MaxReaders);
    private readonly ConcurrentBag<SqliteConnection> _idleReaders = [];
    private readonly TimeSpan _busyTimeout;
    private SqliteConnection? _writer;
    private volatile SqliteFile? _file;
    private volatile bool _opened;
    private volatile bool _lastWriteFailed;
    private volatile bool _disposed;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="busyTimeout">How long to wait for another process's lock; null: 5 s.</param>
    public SqliteDatabase(string path, TimeSpan? busyTimeout)
    {
        Path = System.IO.Path.GetFullPath(path);
        _busyTimeout = busyTimeout ?? DefaultBusyTimeout;
    }

    /// <summary>The file, absolute.</summary>
    public string Path { get; }

    /// <summary>Whether the last write went wrong: reads may still work then, as on a full disk.</summary>
    public bool LastWriteFailed => _lastWriteFailed;

    /// <summary>What is remembered of the file that is open. Only within a piece of work: the next one may find another file.</summary>
    public SqliteNames Names => (_file ?? throw new StoreUnavailableException($"The store {Path} is not open.")).Names;

    /// <summary>
    /// Creates the file and its schema where they are missing; the first time only. Every other time it makes sure that the file is still the one that is
    /// open, and begins anew with the one that was put in its place.
    /// </summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_file is { IsInPlace: true })
            return;
        await _writing.WaitAsync(cancellationToken);
        var readers = 0;
        try
        {
            if (_file is { IsInPlace: true })
                return;
            // Connections to the old file and to the new one would share the log beside them: the old ones all go first.
            for (; readers < MaxReaders; readers++)
                await _reading.WaitAsync(cancellationToken);
            await Task.Run(() => Translating(Reopen), cancellationToken);
        }
        finally
        {
            if (readers > 0)
                _reading.Release(readers);
            _writing.Release();
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction that no other writer shares, and commits it.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => Translating(() => Write(work)), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Runs <paramref name="work"/> on a connection that sees all that was committed.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => Translating(() => Read(work)), cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    // The driver has no asynchronous calls: every task of the work is complete when it is returned.
    Task<T> ISqlDatabase.ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        ReadAsync(connection => work(connection).GetAwaiter().GetResult(), cancellationToken);

    Task<T> ISqlDatabase.WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(connection => work(connection).GetAwaiter().GetResult(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        // Whoever is at work finishes first: closing a connection under a statement is not defined. The gates stay closed afterwards only
        // to this instance's new callers, which see the flag.
        await _writing.WaitAsync(CancellationToken.None);
        for (var i = 0; i < MaxReaders; i++)
            await _reading.WaitAsync(CancellationToken.None);
        CloseConnections();
        _file?.Dispose();
        _file = null;
        _reading.Release(MaxReaders);
        _writing.Release();
    }

    private bool Reopen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CloseConnections();
        _file?.Retire();
        _file = null;
        if (!_opened)
            MakeFolder();
        else if (new FileInfo(Path) is not { Exists: true, Length: > 0 })
            throw new StoreUnavailableException($"The store {Path} is gone: put the file back, or restart to begin with an empty one.");

        var connection = Connect(_opened ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate, WriterCache);
        try
        {
            Translating(() => MigrateAndKeep(connection));
            return true;
        }
        catch (StoreRefusedException error) when (_opened)
        {
            // A copy may be half done; a wrong one is waited for like none, because only a start can be refused.
            connection.Dispose();
            throw new StoreUnavailableException(error.Message, error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private bool MigrateAndKeep(SqliteConnection connection)
    {
        SqliteMigrations.Apply(connection, Path);
        _file = new SqliteFile(connection);
        _opened = true;
        return true;
    }

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The folder of the store {Path} cannot be made: {error.Message}", error);
        }
    }

    private void CloseConnections()
    {
        while (_idleReaders.TryTake(out var reader))
            reader.Dispose();
        _writer?.Dispose();
        _writer = null;
    }

    private T Write<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            RequireFile();
            _writer ??= Connect(SqliteOpenMode.ReadWrite, WriterCache);
            using var transaction = _writer.BeginTransaction(deferred: false);
            var result = work(_writer);
            transaction.Commit();
            RequireFile(); // what was written as it went is not said to be stored
            _lastWriteFailed = false;
            return result;
        }
        catch (Exception error)
        {
            _lastWriteFailed = error is SqliteException or StoreUnavailableException;
            _writer?.Dispose();
            _writer = null;
            throw;
        }
    }

    private T Read<T>(Func<SqliteConnection, T> work)
    {
        RequireFile();
        if (!_idleReaders.TryTake(out var connection))
            connection = Connect(SqliteOpenMode.ReadWrite, ReaderCache); // a reader of a WAL file writes to its shared index
        try
        {
            var result = work(connection);
            _idleReaders.Add(connection);
            return result;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // A file that was moved away stays open under its connections, and what is written to it then is lost without an error.
    private void RequireFile()
    {
        if (_file is not { IsInPlace: true })
            throw new StoreUnavailableException($"The store {Path} has just been moved or replaced: what is there now is opened with the next call.");
    }

    private SqliteConnection Connect(SqliteOpenMode mode, int cache)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            Pooling = false, // the two pools of this class keep their pragmas
            ForeignKeys = true,
            DefaultTimeout = 1, // s; the busy time-out below waits with finer steps and comes first
        }.ToString());
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            // synchronous=FULL: one fsync a commit. NORMAL would survive kill -9 too, but a power cut could take back batches whose workers
            // were told that they are stored and have forgotten them. Results come in batches, so the fsync is shared by hundreds of rows.
            pragmas.CommandText = $"""
                pragma busy_timeout = {(long)_busyTimeout.TotalMilliseconds};
                pragma journal_mode = wal;
                pragma synchronous = full;
                pragma journal_size_limit = 67108864;
                pragma cache_size = -{cache};
                """;
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private T Translating<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error) when (SqliteErrors.Translate(error, Path) is { } translated)
        {
            throw translated;
        }
    }
}
