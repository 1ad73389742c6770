using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>Appends checks within one transaction, through one prepared statement.</summary>
internal static class SqliteCheckWriter
{
    private static readonly string[] Columns =
    [
        "service_id", "due", "location_id", "id", "generation", "kind", "outcome", "counts_in_latency", "latency_us", "start_lag", "worker_id",
        "status_code", "dns_us", "connect_us", "tls_us", "first_byte_us", "download_us", "certificate_id", "message",
    ];

    private static readonly string InsertSql =
        $"insert into checks ({string.Join(", ", Columns)}) values ({string.Join(", ", Columns.Select(_ => "?"))}) on conflict do nothing";

    /// <returns>For each check its new id, or 0 where it was there.</returns>
    public static long[] Append(SqliteConnection connection, IReadOnlyList<NewCheck> checks, SqliteNames.Resolver names)
    {
        using var insert = new RowInsert(connection, InsertSql, StoredText.MaxMessageBytes);

        // Read inside the transaction, not remembered: another process may have written in between.
        var before = ReadLastId(connection);
        var last = before;
        var ids = new long[checks.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            Bind(insert, checks[i], last + 1, names);
            if (insert.Run())
                ids[i] = ++last;
        }

        if (last > before) // a resend of what is there stays a read
            SaveLastId(connection, last);
        return ids;
    }

    // In the order of Columns.
    private static void Bind(RowInsert insert, in NewCheck check, long id, SqliteNames.Resolver names)
    {
        var result = check.Result;
        insert.Bind(check.ServiceId);
        insert.Bind(result.DueTime);
        insert.Bind(names.IdOf(result.Location));
        insert.Bind(id);
        insert.Bind(result.Generation);
        insert.Bind((long)result.Kind);
        insert.Bind((long)result.Outcome);
        insert.Bind(result.CountsInLatency ? 1 : 0);
        insert.Bind(result.LatencyMicros);
        insert.Bind(result.StartedAt - result.DueTime);
        insert.Bind(names.IdOf(result.Worker));
        insert.Bind((long?)result.StatusCode);
        insert.Bind(result.Phases.Dns);
        insert.Bind(result.Phases.Connect);
        insert.Bind(result.Phases.Tls);
        insert.Bind(result.Phases.FirstByte);
        insert.Bind(result.Phases.Download);
        insert.Bind(result.Certificate is { } certificate ? names.IdOf(certificate, result.DueTime) : null);
        insert.Bind(StoredText.Message(result.Message));
    }

    private static long ReadLastId(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select last from counters where name = 'checks'";
        return (long)command.ExecuteScalar()!;
    }

    private static void SaveLastId(SqliteConnection connection, long last)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "update counters set last = $last where name = 'checks'";
        command.Parameters.AddWithValue("$last", last);
        command.ExecuteNonQuery();
    }
}
