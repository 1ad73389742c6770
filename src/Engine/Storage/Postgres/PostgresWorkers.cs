using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>The statements over the workers table.</summary>
internal static class PostgresWorkers
{
    public static async Task<IReadOnlyList<StoredWorker>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select id, pool, capacity, connected_at from workers order by id collate \"C\"", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workers = new List<StoredWorker>();
        while (await reader.ReadAsync(cancellationToken))
            workers.Add(new StoredWorker(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3)));
        return workers;
    }

    public static async Task<bool> SaveAsync(
        NpgsqlConnection connection, IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken)
    {
        // Of two rows for one worker the last is the newer.
        var rows = connected.Reverse().DistinctBy(worker => worker.Id).ToList();
        await using var remember = new NpgsqlCommand(
            """
            insert into workers (id, pool, capacity, connected_at) select * from unnest($1, $2, $3, $4)
            on conflict (id) do update set pool = excluded.pool, capacity = excluded.capacity, connected_at = excluded.connected_at
            """,
            connection);
        remember.Parameters.AddWithValue(rows.Select(row => row.Id).ToArray());
        remember.Parameters.AddWithValue(rows.Select(row => row.Pool).ToArray());
        remember.Parameters.AddWithValue(rows.Select(row => row.Capacity).ToArray());
        remember.Parameters.AddWithValue(rows.Select(row => row.ConnectedAt).ToArray());
        await remember.ExecuteNonQueryAsync(cancellationToken);

        await using var forget = new NpgsqlCommand("delete from workers where id = any($1)", connection);
        forget.Parameters.AddWithValue(gone.ToArray());
        await forget.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }
}
