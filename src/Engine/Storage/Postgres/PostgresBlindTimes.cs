using HealthTrack.Core.Sre;
using Npgsql;
using NpgsqlTypes;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>The statements over the table of blind times.</summary>
internal static class PostgresBlindTimes
{
    public static async Task<IReadOnlyList<BlindTime>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pool, began_at, ended_at from blind_times order by pool collate \"C\", began_at", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var times = new List<BlindTime>();
        while (await reader.ReadAsync(cancellationToken))
            times.Add(new BlindTime(reader.GetString(0), reader.GetInt64(1), await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetInt64(2)));
        return times;
    }

    public static async Task<bool> SaveAsync(NpgsqlConnection connection, IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken)
    {
        // Of two for one start the last is the newer.
        var rows = times.Reverse().DistinctBy(time => (time.Pool, time.From)).ToList();
        await using var remember = new NpgsqlCommand(
            """
            insert into blind_times (pool, began_at, ended_at) select * from unnest($1, $2, $3)
            on conflict (pool, began_at) do update set ended_at = excluded.ended_at
            """,
            connection);
        remember.Parameters.AddWithValue(rows.Select(row => row.Pool).ToArray());
        remember.Parameters.AddWithValue(rows.Select(row => row.From).ToArray());
        remember.Parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.Until).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await remember.ExecuteNonQueryAsync(cancellationToken);

        await using var forget = new NpgsqlCommand("delete from blind_times where ended_at < $1", connection);
        forget.Parameters.AddWithValue(forgetBefore);
        await forget.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }
}
