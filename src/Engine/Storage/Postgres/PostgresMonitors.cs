using HealthTrack.Core.Monitors;
using Npgsql;
using NpgsqlTypes;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>The statements over the monitors table: each takes a whole list at once, as arrays.</summary>
internal static class PostgresMonitors
{
    private const string Arrays =
        "unnest($1, $2, $3, $4, $5, $6, $7, $8) as u (namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at)";

    private const string Update = $"""
        update monitors m set uid = u.uid, generation = u.generation, manifest = u.manifest, counts_from_generation = u.counts_from_generation,
          deleted_at = u.deleted_at, health = case when m.counts_from = u.counts_from then m.health end, counts_from = u.counts_from
        from {Arrays} where m.namespace = u.namespace and m.name = u.name
        """;

    // Only where nothing was there: an upsert would draw a new id at each conflict. Ids ascend with the order of the list.
    private const string Insert = """
        insert into monitors (namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at)
        select u.namespace, u.name, u.uid, u.generation, u.manifest, u.counts_from, u.counts_from_generation, u.deleted_at
        from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality
          as u (namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at, ordinal)
        where not exists (select from monitors m where m.namespace = u.namespace and m.name = u.name)
        order by u.ordinal
        """;

    private const string Find = "select m.namespace, m.name, m.id from monitors m join unnest($1, $2) as u (namespace, name) on m.namespace = u.namespace and m.name = u.name";

    public static async Task<IReadOnlyList<StoredMonitor>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select id, namespace, name, uid, generation, manifest, counts_from, counts_from_generation, deleted_at, unhealthy, health, health_since
            from monitors order by id
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var monitors = new List<StoredMonitor>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetInt64(0);
            monitors.Add(new StoredMonitor
            {
                Id = id,
                Key = new MonitorKey(reader.GetString(1), reader.GetString(2)),
                Uid = reader.GetString(3),
                Generation = reader.GetInt64(4),
                Manifest = reader.GetString(5),
                CountsFrom = reader.GetInt64(6),
                CountsFromGeneration = reader.GetInt64(7),
                DeletedAt = reader.IsDBNull(8) ? null : reader.GetInt64(8),
                Health = reader.IsDBNull(10) ? null : new HealthMark(id, reader.GetBoolean(9), reader.GetString(10), reader.GetInt64(11)),
            });
        }

        return monitors;
    }

    /// <returns>The ids in the order of <paramref name="monitors"/>.</returns>
    public static async Task<IReadOnlyList<long>> SaveAsync(
        NpgsqlConnection connection, IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken)
    {
        // One row a monitor: its first place in the list gives the order of new ids, its last one what is written.
        var last = new OrderedDictionary<MonitorKey, StoredMonitor>();
        foreach (var monitor in monitors)
            last[monitor.Key] = monitor;
        var rows = last.Values.ToList();

        foreach (var sql in (string[])[Update, Insert])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Key.Namespace)));
            command.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Key.Name)));
            command.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Uid)));
            command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.Generation)));
            command.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Manifest)));
            command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.CountsFrom)));
            command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.CountsFromGeneration)));
            command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.DeletedAt)));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var find = new NpgsqlCommand(Find, connection);
        find.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Key.Namespace)));
        find.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Key.Name)));
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        var ids = new Dictionary<MonitorKey, long>();
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(new MonitorKey(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
        return [.. monitors.Select(monitor => ids[monitor.Key])];
    }

    public static async Task SaveHealthAsync(NpgsqlConnection connection, IReadOnlyList<HealthMark> marks, CancellationToken cancellationToken)
    {
        // Of two rows for one service an update would take either.
        var rows = marks.Reverse().DistinctBy(mark => mark.ServiceId).ToList();
        await using var command = new NpgsqlCommand(
            """
            update monitors m set unhealthy = u.unhealthy, health = u.health, health_since = u.since
            from unnest($1, $2, $3, $4) as u (id, unhealthy, health, since) where m.id = u.id
            """,
            connection);
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.ServiceId)));
        command.Parameters.Add(Array(NpgsqlDbType.Boolean, rows.Select(row => row.Unhealthy)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, rows.Select(row => row.Health)));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, rows.Select(row => row.Since)));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Array<T>(NpgsqlDbType element, IEnumerable<T> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | element };
}
