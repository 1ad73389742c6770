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
        $"insert into checks ({string.Join(", ", Columns)}) values ({string.Join(", ", Columns.Select(column => "$" + column))}) on conflict do nothing";

    /// <returns>For each check its new id, or 0 where it was there.</returns>
    public static long[] Append(SqliteConnection connection, IReadOnlyList<NewCheck> checks, SqliteNames.Resolver names)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = InsertSql;
        foreach (var column in Columns)
            insert.Parameters.Add("$" + column, column == "message" ? SqliteType.Text : SqliteType.Integer);
        insert.Prepare();

        // Read inside the transaction, not remembered: another process may have written in between.
        var last = ReadLastId(connection);
        var ids = new long[checks.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            Bind(insert.Parameters, checks[i], last + 1, names);
            if (insert.ExecuteNonQuery() == 1)
                ids[i] = ++last;
        }

        SaveLastId(connection, last);
        return ids;
    }

    private static void Bind(SqliteParameterCollection parameters, in NewCheck check, long id, SqliteNames.Resolver names)
    {
        var result = check.Result;
        object? certificate = result.Certificate is { } facts ? names.IdOf(facts) : null;
        var i = 0;
        Set(check.ServiceId);
        Set(result.DueTime);
        Set(names.IdOf(result.Location));
        Set(id);
        Set(result.Generation);
        Set((long)result.Kind);
        Set((long)result.Outcome);
        Set(result.CountsInLatency ? 1L : 0L);
        Set(result.LatencyMicros);
        Set(result.StartedAt - result.DueTime);
        Set(names.IdOf(result.Worker));
        Set(result.StatusCode is { } status ? (long)status : null);
        Set(result.Phases.Dns);
        Set(result.Phases.Connect);
        Set(result.Phases.Tls);
        Set(result.Phases.FirstByte);
        Set(result.Phases.Download);
        Set(certificate);
        Set(StoredText.Message(result.Message));

        void Set(object? value) => parameters[i++].Value = value ?? DBNull.Value;
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
