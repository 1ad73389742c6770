using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>Deletes what is old: whole days by dropping their partitions, the rest in pieces, a transaction each.</summary>
internal static class PostgresRetention
{
    /// <summary>How many rows a piece takes: some milliseconds of holding up writers.</summary>
    public const int PieceRows = 5000;

    // Dropping waits for whoever reads any day, and new readers wait behind it: better given up and tried again than held up for long.
    private const int DropAttempts = 10;
    private const string DropLockTimeout = "set local lock_timeout = '500ms'";

    /// <returns>How many checks went.</returns>
    public static async Task<long> DeleteBeforeAsync(
        PostgresDatabase database, long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        // A day's partition goes as a whole or not at all: whoever must be kept longest decides for all. Picking out the rows of the others would write
        // more than dropping saves.
        var cutOff = keepFrom.Values.Aggregate(before, Math.Min);
        foreach (var partition in await database.ReadAsync(connection => PostgresPartitions.ReadAsync(connection, cancellationToken), cancellationToken))
        {
            if (partition.End <= cutOff)
                deleted += await DropAsync(database, partition, cancellationToken);
            else if (partition.Start < cutOff)
                deleted += await PiecesAsync(database, connection => DeleteDueAsync(connection, partition, cutOff, cancellationToken), cancellationToken);
        }

        // A monitor deleted that long ago goes as a whole, later checks included: nothing could show them any more.
        foreach (var monitor in await database.ReadAsync(connection => GoneAsync(connection, before, cancellationToken), cancellationToken))
            deleted += await PiecesAsync(database, connection => DeleteMonitorAsync(connection, monitor, before, cancellationToken), cancellationToken);
        await PiecesAsync(database, connection => DeleteCertificatesAsync(connection, cutOff, cancellationToken), cancellationToken);
        return deleted;
    }

    private static async Task<long> DropAsync(PostgresDatabase database, PostgresPartitions.Partition partition, CancellationToken cancellationToken)
    {
        // Counted outside the lock, which a day of millions would hold for seconds: nothing arrives any more that is so late.
        var count = await database.ReadAsync(
            connection => ScalarAsync(connection, $"select count(*) from {partition.Name}", cancellationToken), cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await database.WriteAsync(
                    async connection =>
                    {
                        await using var command = new NpgsqlCommand($"{DropLockTimeout}; drop table if exists {partition.Name}", connection);
                        return await command.ExecuteNonQueryAsync(cancellationToken);
                    },
                    cancellationToken);
                return count;
            }
            catch (StoreUnavailableException error) when (
                attempt < DropAttempts && error.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
            {
                // Readers have had their turn meanwhile.
            }
        }
    }

    private static async Task<long> PiecesAsync(PostgresDatabase database, Func<NpgsqlConnection, Task<int>> piece, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        int rows;
        do
        {
            rows = await database.WriteAsync(piece, cancellationToken);
            deleted += rows;
        }
        while (rows == PieceRows);
        return deleted;
    }

    private static async Task<int> DeleteDueAsync(
        NpgsqlConnection connection, PostgresPartitions.Partition partition, long before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"delete from {partition.Name} where ctid = any (array(select ctid from {partition.Name} where due < $1 limit {PieceRows}))", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<int> DeleteCertificatesAsync(NpgsqlConnection connection, long cutOff, CancellationToken cancellationToken)
    {
        // A writer that is about to wait for this transaction's lock may have a row that it names again: that one stays, and nobody waits in a circle.
        await using var command = new NpgsqlCommand(
            $"delete from certificates where id = any (array(select id from certificates where seen < $1 limit {PieceRows} for update skip locked))", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = SeenCertificates.Unneeded(cutOff) });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<int> DeleteMonitorAsync(NpgsqlConnection connection, long monitor, long before, CancellationToken cancellationToken)
    {
        // Asked again under the lock: the monitor may have been made anew meanwhile.
        await using var command = new NpgsqlCommand(
            $"""
            delete from checks where (service_id, due, location_id) in (
              select c.service_id, c.due, c.location_id from checks c join monitors m on m.id = c.service_id
              where c.service_id = $1 and m.deleted_at < $2 limit {PieceRows})
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = monitor });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
        var rows = await command.ExecuteNonQueryAsync(cancellationToken);
        if (rows < PieceRows)
        {
            command.CommandText = "delete from monitors where id = $1 and deleted_at < $2";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return rows;
    }

    private static async Task<IReadOnlyList<long>> GoneAsync(NpgsqlConnection connection, long before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select id from monitors where deleted_at < $1 order by id", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetInt64(0));
        return ids;
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Counting a day of a large fleet takes minutes on a slow disk; giving up would mean that the day is never dropped.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
