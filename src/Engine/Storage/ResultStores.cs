using HealthTrack.Engine.Storage.Postgres;
using HealthTrack.Engine.Storage.Sqlite;

namespace HealthTrack.Engine.Storage;

/// <summary>Makes the store that a setting names.</summary>
public static class ResultStores
{
    /// <summary>Makes a store; nothing is opened before <see cref="IResultStore.InitializeAsync"/>.</summary>
    /// <param name="url">See <see cref="StorageUrl.Parse"/>.</param>
    /// <param name="time">The clock, for drivers that need one.</param>
    /// <exception cref="FormatException">The setting names no store.</exception>
    public static IResultStore Create(string url, TimeProvider time) => StorageUrl.Parse(url) switch
    {
        SqliteStorage sqlite => new SqliteResultStore(sqlite.Path),
        PostgresStorage postgres => new PostgresResultStore(PostgresSettings.Parse(postgres.ConnectionString), time),
        var other => throw new NotSupportedException($"There is no driver for {other.GetType().Name}."),
    };
}
