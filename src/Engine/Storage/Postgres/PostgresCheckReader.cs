using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>The queries over the checks table. Each is one range of its primary key, in the partitions of its days.</summary>
internal static class PostgresCheckReader
{
    /// <summary>What <see cref="SampleReader"/> reads, of checks c and the names l of their locations.</summary>
    internal const string SampleColumns = "c.due, c.latency_us, c.outcome, c.kind, c.counts_in_latency, c.generation, l.name";

    /// <summary>What <see cref="Result"/> reads, of checks c and <see cref="PageJoins"/>; the check's id is the first.</summary>
    internal const string PageColumns = """
        c.id, c.due, l.name, w.name, c.generation, c.kind, c.outcome, c.counts_in_latency, c.latency_us, c.start_lag, c.status_code,
        c.dns_us, c.connect_us, c.tls_us, c.first_byte_us, c.download_us, c.message, cert.not_after, cert.issuer
        """;

    /// <summary>Names and certificates of checks c.</summary>
    internal const string PageJoins = """
        join names l on l.id = c.location_id
        join names w on w.id = c.worker_id
        left join certificates cert on cert.id = c.certificate_id
        """;

    public static async Task<IReadOnlyList<StoredCheck>> ReadPageAsync(NpgsqlConnection connection, CheckQuery query, CancellationToken cancellationToken)
    {
        // due <= $3 bounds the range, the pair of conditions below it cuts within the one instant. The limit comes before the joins, so that they
        // have a page to look at and not a range.
        await using var command = Command(
            connection,
            $"""
            select {PageColumns} from (
              select * from checks
              where service_id = $1 and due >= $2 and due <= $3 and (due < $3 or id < $4)
              order by due desc, id desc limit $5) c
            {PageJoins}
            order by c.due desc, c.id desc
            """,
            query.ServiceId, query.Since ?? long.MinValue, query.After?.DueTime ?? long.MaxValue, query.After?.Id ?? long.MaxValue, query.Limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var checks = new List<StoredCheck>();
        while (await reader.ReadAsync(cancellationToken))
            checks.Add(new StoredCheck(reader.GetInt64(0), query.ServiceId, Result(reader)));
        return checks;
    }

    public static async Task<IReadOnlyList<TailedCheck>> ReadAfterAsync(NpgsqlConnection connection, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            $"""
            select {PageColumns}, c.service_id, m.namespace, m.name from (select * from checks where id > $1 order by id limit $2) c
            {PageJoins}
            join monitors m on m.id = c.service_id
            order by c.id
            """,
            after, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var checks = new List<TailedCheck>();
        while (await reader.ReadAsync(cancellationToken))
            checks.Add(new TailedCheck(new MonitorKey(reader.GetString(20), reader.GetString(21)), new StoredCheck(reader.GetInt64(0), reader.GetInt64(19), Result(reader))));
        return checks;
    }

    public static async Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(
        NpgsqlConnection connection, long serviceId, long from, long until, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            $"""
            select {SampleColumns} from checks c join names l on l.id = c.location_id
            where c.service_id = $1 and c.due >= $2 and c.due <= $3 order by c.due, c.id
            """,
            serviceId, from, until);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var samples = new List<StoredSample>();
        var sampleReader = new SampleReader(reader, 0);
        while (await reader.ReadAsync(cancellationToken))
            samples.Add(sampleReader.Read());
        return samples;
    }

    public static async Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        NpgsqlConnection connection, long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            """
            select due / $4 * $4 as start, count(*) filter (where outcome = 0), count(*) filter (where outcome <> 0) from checks
            where service_id = $1 and due >= $2 and due <= $3 and kind <> 2 and generation >= $5
            group by start order by start
            """,
            serviceId, from, until, binLength, fromGeneration);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bins = new List<OutcomeBin>();
        while (await reader.ReadAsync(cancellationToken))
            bins.Add(new OutcomeBin(reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2)));
        return bins;
    }

    public static async Task<long?> ReadFirstDueAsync(
        NpgsqlConnection connection, long serviceId, long from, long fromGeneration, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            "select due from checks where service_id = $1 and due >= $2 and kind <> 2 and generation >= $3 order by due limit 1",
            serviceId, from, fromGeneration);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params long[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = parameter });
        return command;
    }

    /// <summary>The result in a row of <see cref="PageColumns"/>.</summary>
    internal static CheckResult Result(NpgsqlDataReader reader)
    {
        var due = reader.GetInt64(1);
        return new CheckResult
        {
            Uid = "",
            DueTime = due,
            Location = reader.GetString(2),
            Worker = reader.GetString(3),
            Generation = reader.GetInt64(4),
            Kind = (CheckKind)reader.GetInt16(5),
            Outcome = (Outcome)reader.GetInt16(6),
            CountsInLatency = reader.GetBoolean(7),
            LatencyMicros = reader.GetInt64(8),
            StartedAt = due + reader.GetInt64(9),
            StatusCode = reader.IsDBNull(10) ? null : reader.GetInt32(10),
            Phases = new CheckPhases(reader.GetInt64(11), reader.GetInt64(12), reader.GetInt64(13), reader.GetInt64(14), reader.GetInt64(15)),
            Message = reader.IsDBNull(16) ? null : reader.GetString(16),
            Certificate = reader.IsDBNull(17)
                ? null
                : new CertificateFacts(DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(17)), reader.GetString(18)),
        };
    }

    /// <summary>Reads samples from rows of <see cref="SampleColumns"/>; a location's name that is read thousands of times is kept once.</summary>
    /// <param name="reader">The rows.</param>
    /// <param name="first">The first of the columns.</param>
    internal readonly struct SampleReader(NpgsqlDataReader reader, int first)
    {
        private readonly Dictionary<string, string> _locations = new(StringComparer.Ordinal);

        /// <summary>The sample in the row that the reader stands on.</summary>
        public StoredSample Read()
        {
            var location = reader.GetString(first + 6);
            if (!_locations.TryGetValue(location, out var known))
                _locations.Add(location, known = location);
            return new StoredSample(
                reader.GetInt64(first), reader.GetInt64(first + 1), (Outcome)reader.GetInt16(first + 2), (CheckKind)reader.GetInt16(first + 3),
                reader.GetBoolean(first + 4), reader.GetInt64(first + 5), known);
        }
    }
}
