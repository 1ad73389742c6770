using HealthTrack.Engine.Storage.Postgres;

namespace HealthTrack.Engine.Storage;

/// <summary>Which store a <c>--storage</c> setting names.</summary>
public abstract record StorageUrl
{
    private const string SqliteScheme = "sqlite:";

    // The keywords that Npgsql takes for the server's name: no connection string does without one of them.
    private static readonly string[] PostgresHostKeywords = ["host", "server"];

    /// <summary>What a person may be shown of it: the place, without user and password.</summary>
    public abstract string Shown { get; }

    /// <summary>Reads a setting: <c>sqlite:PATH</c>, <c>postgres://...</c>, or Npgsql's keywords (<c>Host=...;Database=...</c>).</summary>
    /// <exception cref="FormatException">It is none of these; the message says what would be right and holds no password.</exception>
    public static StorageUrl Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var setting = text.Trim();
        if (setting.StartsWith(SqliteScheme, StringComparison.OrdinalIgnoreCase))
            return Sqlite(setting[SqliteScheme.Length..]);
        if (PostgresSettings.IsUrl(setting) || HasPostgresKeywords(setting))
        {
            _ = PostgresSettings.Parse(setting); // refused here, before anything starts
            return new PostgresStorage(setting);
        }

        throw new FormatException(
            "The storage setting must be sqlite:PATH, postgres://USER@HOST/DATABASE or a connection string such as Host=db;Database=healthtrack.");
    }

    private static SqliteStorage Sqlite(string path)
    {
        // sqlite:///var/lib/x is the same file as sqlite:/var/lib/x; a host makes no sense for a file.
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
            if (!path.StartsWith('/'))
                throw new FormatException($"The storage setting sqlite://{path} names a host: write sqlite:PATH or sqlite:///ABSOLUTE/PATH.");
        }

        if (path.Length == 0)
            throw new FormatException("The storage setting sqlite: names no file: write sqlite:PATH, such as sqlite:data/healthtrack.db.");
        if (path.Equals(":memory:", StringComparison.OrdinalIgnoreCase))
            throw new FormatException("A store in memory is not supported, because it would forget everything on a restart: write sqlite:PATH.");
        if (path.Contains('\0', StringComparison.Ordinal) || path.EndsWith('/'))
            throw new FormatException("The storage setting sqlite:PATH must name a file, not a folder.");
        return new SqliteStorage(path);
    }

    private static bool HasPostgresKeywords(string setting) =>
        setting.Split(';').Any(pair =>
            pair.Split('=', 2) is [var keyword, _] && PostgresHostKeywords.Contains(keyword.Trim(), StringComparer.OrdinalIgnoreCase));
}

/// <summary>A SQLite file.</summary>
/// <param name="Path">Its path, absolute or relative to the working folder.</param>
public sealed record SqliteStorage(string Path) : StorageUrl
{
    /// <inheritdoc/>
    public override string Shown => $"sqlite:{Path}";
}

/// <summary>A Postgres server.</summary>
/// <param name="ConnectionString">A URL or Npgsql's keywords. May hold a password: never logged.</param>
public sealed record PostgresStorage(string ConnectionString) : StorageUrl
{
    /// <inheritdoc/>
    public override string Shown => $"postgres://{PostgresSettings.PlaceOf(PostgresSettings.Parse(ConnectionString))}";

    /// <summary>Leaves the connection string out.</summary>
    public override string ToString() => nameof(PostgresStorage);
}
