using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>The statements over the workers table.</summary>
internal static class SqliteWorkers
{
    public static IReadOnlyList<StoredWorker> ReadAll(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select id, pool, capacity, connected_at from workers order by id";
        using var reader = command.ExecuteReader();
        var workers = new List<StoredWorker>();
        while (reader.Read())
            workers.Add(new StoredWorker(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3)));
        return workers;
    }

    public static bool Save(SqliteConnection connection, IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone)
    {
        using var remember = connection.CreateCommand();
        remember.CommandText = """
            insert into workers (id, pool, capacity, connected_at) values ($id, $pool, $capacity, $at)
            on conflict (id) do update set pool = excluded.pool, capacity = excluded.capacity, connected_at = excluded.connected_at
            """;
        foreach (var worker in connected)
        {
            remember.Parameters.Clear();
            remember.Parameters.AddWithValue("$id", worker.Id);
            remember.Parameters.AddWithValue("$pool", worker.Pool);
            remember.Parameters.AddWithValue("$capacity", worker.Capacity);
            remember.Parameters.AddWithValue("$at", worker.ConnectedAt);
            remember.ExecuteNonQuery();
        }

        using var forget = connection.CreateCommand();
        forget.CommandText = "delete from workers where id = $id";
        var id = forget.Parameters.Add("$id", SqliteType.Text);
        foreach (var worker in gone)
        {
            id.Value = worker;
            forget.ExecuteNonQuery();
        }

        return true;
    }
}
