using Npgsql;
using NpgsqlTypes;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>Appends checks: a binary COPY into a temporary table, from where the database takes over what is new.</summary>
internal static class PostgresCheckWriter
{
    // Everything but id, which the database gives.
    private const string Columns =
        "service_id, due, generation, latency_us, start_lag, dns_us, connect_us, tls_us, first_byte_us, download_us, certificate_id, "
        + "location_id, worker_id, status_code, kind, outcome, counts_in_latency, message";

    // A session's own, kept as long as the session; nothing of it reaches the log or the disk. It grows with the largest batch and is emptied at every commit.
    private const string CreateStaging = """
        create temporary table if not exists arriving_checks (
          ordinal integer not null, service_id bigint not null, due bigint not null, generation bigint not null, latency_us bigint not null,
          start_lag bigint not null, dns_us bigint not null, connect_us bigint not null, tls_us bigint not null, first_byte_us bigint not null,
          download_us bigint not null, certificate_id bigint, location_id integer not null, worker_id integer not null, status_code integer,
          kind smallint not null, outcome smallint not null, counts_in_latency boolean not null, message text
        ) on commit delete rows
        """;

    private const string Copy = $"copy pg_temp.arriving_checks (ordinal, {Columns}) from stdin (format binary)";

    private const string FindUnknownService =
        "select service_id from pg_temp.arriving_checks a where not exists (select from monitors m where m.id = a.service_id) limit 1";

    private const string TakeIds = "update counters set last = last + $1 where name = 'checks' returning last - $1";

    // ids follow the batch's order, and of two equal checks in a batch the first is stored, because rows are inserted in the order of the sort.
    private const string Insert = $"""
        insert into checks (id, {Columns}) select $1 + ordinal, {Columns} from pg_temp.arriving_checks order by ordinal
        on conflict do nothing returning id
        """;

    /// <summary>Brings the batch into the staging table. Runs before the lock: it depends on the client's pace.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> StageAsync(
        NpgsqlConnection connection, IReadOnlyList<NewCheck> checks, PostgresNames names, CancellationToken cancellationToken)
    {
        await using (var create = new NpgsqlCommand(CreateStaging, connection))
            await create.ExecuteNonQueryAsync(cancellationToken);
        await using var copy = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        for (var i = 0; i < checks.Count; i++)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(i + 1, NpgsqlDbType.Integer, cancellationToken);
            await WriteAsync(copy, checks[i], names, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
        return checks.Count;
    }

    /// <summary>Takes over what is new. The days' partitions must be there.</summary>
    /// <returns>For each check its new id, or 0 where it was there.</returns>
    /// <exception cref="InvalidOperationException">A check belongs to no service.</exception>
    public static async Task<long[]> StoreStagedAsync(NpgsqlConnection connection, int count, CancellationToken cancellationToken)
    {
        await using (var find = new NpgsqlCommand(FindUnknownService, connection))
        {
            if (await find.ExecuteScalarAsync(cancellationToken) is long unknown)
                throw new InvalidOperationException($"There is no service {unknown}: none of the batch is stored.");
        }

        await using var take = new NpgsqlCommand(TakeIds, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = count } } };
        var before = (long)(await take.ExecuteScalarAsync(cancellationToken))!;
        var ids = new long[count];
        await using var insert = new NpgsqlCommand(Insert, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = before } } };
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetInt64(0);
            ids[id - before - 1] = id;
        }

        return ids;
    }

    // In the order of Columns.
    private static async Task WriteAsync(NpgsqlBinaryImporter copy, NewCheck check, PostgresNames names, CancellationToken cancellationToken)
    {
        var result = check.Result;
        await copy.WriteAsync(check.ServiceId, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.DueTime, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Generation, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.LatencyMicros, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.StartedAt - result.DueTime, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Phases.Dns, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Phases.Connect, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Phases.Tls, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Phases.FirstByte, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(result.Phases.Download, NpgsqlDbType.Bigint, cancellationToken);
        if (names.IdOf(result.Certificate) is { } certificate)
            await copy.WriteAsync(certificate, NpgsqlDbType.Bigint, cancellationToken);
        else
            await copy.WriteNullAsync(cancellationToken);
        await copy.WriteAsync(names.IdOf(result.Location), NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(names.IdOf(result.Worker), NpgsqlDbType.Integer, cancellationToken);
        if (result.StatusCode is { } status)
            await copy.WriteAsync(status, NpgsqlDbType.Integer, cancellationToken);
        else
            await copy.WriteNullAsync(cancellationToken);
        await copy.WriteAsync((short)result.Kind, NpgsqlDbType.Smallint, cancellationToken);
        await copy.WriteAsync((short)result.Outcome, NpgsqlDbType.Smallint, cancellationToken);
        await copy.WriteAsync(result.CountsInLatency, NpgsqlDbType.Boolean, cancellationToken);
        if (StoredText.Message(result.Message) is { } message)
            await copy.WriteAsync(message, NpgsqlDbType.Text, cancellationToken);
        else
            await copy.WriteNullAsync(cancellationToken);
    }
}
