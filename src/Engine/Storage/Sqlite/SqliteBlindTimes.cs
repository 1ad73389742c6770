using HealthTrack.Core.Sre;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>The statements over the table of blind times.</summary>
internal static class SqliteBlindTimes
{
    public static IReadOnlyList<BlindTime> ReadAll(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select pool, began_at, ended_at from blind_times order by pool, began_at";
        using var reader = command.ExecuteReader();
        var times = new List<BlindTime>();
        while (reader.Read())
            times.Add(new BlindTime(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2)));
        return times;
    }

    public static bool Save(SqliteConnection connection, IReadOnlyList<BlindTime> times, long forgetBefore)
    {
        using var remember = connection.CreateCommand();
        remember.CommandText = """
            insert into blind_times (pool, began_at, ended_at) values ($pool, $from, $until)
            on conflict (pool, began_at) do update set ended_at = excluded.ended_at
            """;
        foreach (var time in times)
        {
            remember.Parameters.Clear();
            remember.Parameters.AddWithValue("$pool", time.Pool);
            remember.Parameters.AddWithValue("$from", time.From);
            remember.Parameters.AddWithValue("$until", time.Until is { } until ? until : DBNull.Value);
            remember.ExecuteNonQuery();
        }

        using var forget = connection.CreateCommand();
        forget.CommandText = "delete from blind_times where ended_at < $before";
        forget.Parameters.AddWithValue("$before", forgetBefore);
        forget.ExecuteNonQuery();
        return true;
    }
}
