using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>
/// One file that was found under the store's path, and what is known of it. It keeps a connection of its own open, which sees when the path has come to
/// name another file: a backup put in its place, which the connections that are open would go on ignoring.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    // https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
    private const int HasMoved = 20;

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private bool _disposed;

    /// <summary>Takes over a connection to it that was opened like all others.</summary>
    public SqliteFile(SqliteConnection connection)
    {
        _connection = connection;
        // One that has read holds the file's own log open, whatever is put beside it later.
        Execute("select count(*) from sqlite_master");
    }

    /// <summary>The ids that this file gave to names and certificates.</summary>
    public SqliteNames Names { get; } = new();

    /// <summary>Whether the path still names this file. Costs one look at the folder.</summary>
    public bool IsInPlace
    {
        get
        {
            lock (_gate)
            {
                if (_disposed)
                    return false;
                var result = FileControl(_connection.Handle!, IntPtr.Zero, HasMoved, out var moved);
                return result == raw.SQLITE_OK && moved == 0;
            }
        }
    }

    /// <summary>
    /// Brings what is still in the log into the file, wherever it lies now, and lets go of it. No other connection to it may be open. The log stays under its
    /// name when the file goes: full, it would be taken for the next file's.
    /// </summary>
    public void Retire()
    {
        try
        {
            Execute("pragma wal_checkpoint(truncate)");
        }
        catch (SqliteException)
        {
            // The disk that it was on may be gone; nothing of it is readable then.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _connection.Dispose();
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteScalar();
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(sqlite3 database, IntPtr name, int operation, out int answer);
}
