using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>Sorts SQLite's errors into those that pass, those that need a person, and bugs.</summary>
internal static class SqliteErrors
{
    // Primary result codes, https://www.sqlite.org/rescode.html
    private const int Perm = 3;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Protocol = 15;
    private const int NotADatabase = 26;

    /// <summary>The exception that the store throws for <paramref name="error"/>, or null where it is a bug that shows as it is.</summary>
    public static Exception? Translate(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        Perm or Busy or Locked or NoMemory or ReadOnly or InputOutput or Full or CannotOpen or Protocol =>
            new StoreUnavailableException($"The store {path} cannot be used now: {Reason(error)}.", error),
        Corrupt or NotADatabase => new StoreRefusedException(
            $"The file {path} is damaged or not a SQLite database: stop HealthTrack and put a backup in its place, or move it away to begin with an empty store.", error),
        _ => null,
    };

    private static string Reason(SqliteException error) => error.SqliteErrorCode switch
    {
        Perm or ReadOnly => "it may not be written",
        Busy or Locked => "another process holds it locked",
        NoMemory => "out of memory",
        Full => "the disk is full",
        CannotOpen => "it cannot be opened",
        _ => $"reading or writing failed (SQLite error {error.SqliteExtendedErrorCode})",
    };
}
