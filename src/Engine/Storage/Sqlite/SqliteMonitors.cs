using HealthTrack.Core.Monitors;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>The statements over the monitors table.</summary>
internal static class SqliteMonitors
{
    public static IReadOnlyList<StoredMonitor> ReadAll(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            select id, namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at, unhealthy, health, health_since
            from monitors order by id
            """;
        using var reader = command.ExecuteReader();
        var monitors = new List<StoredMonitor>();
        var texts = new RepeatedTexts();
        while (reader.Read())
        {
            var id = reader.GetInt64(0);
            monitors.Add(new StoredMonitor
            {
                Id = id,
                Key = new MonitorKey(texts.One(reader.GetString(1)), reader.GetString(2)),
                Uid = reader.GetString(3),
                Generation = reader.GetInt64(4),
                Manifest = reader.GetString(5),
                CountsFrom = reader.GetInt64(6),
                CountsFromGeneration = reader.GetInt64(7),
                DeletedAt = reader.IsDBNull(8) ? null : reader.GetInt64(8),
                Health = reader.IsDBNull(10) ? null : new HealthMark(id, reader.GetBoolean(9), texts.One(reader.GetString(10)), reader.GetInt64(11)),
            });
        }

        return monitors;
    }

    public static IReadOnlyList<long> Save(SqliteConnection connection, IReadOnlyList<StoredMonitor> monitors)
    {
        // Update first, insert only where nothing was there: an upsert would draw a new id from the sequence at each conflict.
        using var update = Command(connection, """
            update monitors set uid = $uid, generation = $generation, manifest = $manifest, counts_from_generation = $fromGeneration,
              deleted_at = $deletedAt, health = case when counts_from = $from then health end, counts_from = $from
            where namespace = $namespace and name = $name returning id
            """);
        using var insert = Command(connection, """
            insert into monitors (namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at)
            values ($namespace, $name, $uid, $generation, $manifest, $from, $fromGeneration, $deletedAt) returning id
            """);
        var ids = new long[monitors.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            Bind(update, monitors[i]);
            if (update.ExecuteScalar() is not long id)
            {
                Bind(insert, monitors[i]);
                id = (long)insert.ExecuteScalar()!;
            }

            ids[i] = id;
        }

        return ids;
    }

    public static void SaveHealth(SqliteConnection connection, IReadOnlyList<HealthMark> marks)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "update monitors set unhealthy = $unhealthy, health = $health, health_since = $since where id = $id";
        var unhealthy = command.Parameters.Add("$unhealthy", SqliteType.Integer);
        var health = command.Parameters.Add("$health", SqliteType.Text);
        var since = command.Parameters.Add("$since", SqliteType.Integer);
        var id = command.Parameters.Add("$id", SqliteType.Integer);
        foreach (var mark in marks)
        {
            unhealthy.Value = mark.Unhealthy;
            health.Value = mark.Health;
            since.Value = mark.Since;
            id.Value = mark.ServiceId;
            command.ExecuteNonQuery();
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in (string[])["$namespace", "$name", "$uid", "$generation", "$manifest", "$from", "$fromGeneration", "$deletedAt"])
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static void Bind(SqliteCommand command, StoredMonitor monitor)
    {
        object[] values =
        [
            monitor.Key.Namespace, monitor.Key.Name, monitor.Uid, monitor.Generation, monitor.Manifest,
            monitor.CountsFrom, monitor.CountsFromGeneration, (object?)monitor.DeletedAt ?? DBNull.Value,
        ];
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }
}
