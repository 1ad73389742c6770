using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>
/// One prepared insert, bound by position. It goes around ADO.NET, which looks each parameter up by its name again for every row and boxes
/// every number: that costs as much as SQLite's own work.
/// </summary>
internal sealed class RowInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly byte[] _text;
    private int _column;

    /// <summary>Prepares.</summary>
    /// <param name="connection">The connection; an open transaction on it is used.</param>
    /// <param name="sql">An insert with positional parameters.</param>
    /// <param name="maxTextBytes">The longest text that is bound, bytes of UTF-8.</param>
    public RowInsert(SqliteConnection connection, string sql, int maxTextBytes)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        _text = new byte[maxTextBytes];
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <summary>Binds the next column.</summary>
    public void Bind(long value) => Check(raw.sqlite3_bind_int64(_statement, ++_column, value));

    /// <summary>Binds the next column; null stays null.</summary>
    public void Bind(long? value)
    {
        if (value is { } number)
            Bind(number);
        else
            Check(raw.sqlite3_bind_null(_statement, ++_column));
    }

    /// <summary>Binds the next column; null stays null. SQLite copies the text.</summary>
    public void Bind(string? value)
    {
        if (value is null)
            Check(raw.sqlite3_bind_null(_statement, ++_column));
        else
            Check(raw.sqlite3_bind_text(_statement, ++_column, _text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text))));
    }

    /// <summary>Inserts the row that was bound.</summary>
    /// <returns>False where <c>on conflict do nothing</c> left it out.</returns>
    public bool Run()
    {
        _column = 0;
        var result = raw.sqlite3_step(_statement);
        // No busy loop: inside a write transaction nobody else can hold the lock.
        if (result != raw.SQLITE_DONE)
            Check(result);
        Check(raw.sqlite3_reset(_statement));
        return raw.sqlite3_changes(_database) == 1;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
