using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>The queries over the checks table. Each is one range of its primary key.</summary>
internal static class SqliteCheckReader
{
    private const string SampleColumns = "due, latency_us, outcome, kind, counts_in_latency, generation, location_id";

    private const string PageColumns = """
        c.id, c.due, l.name, w.name, c.generation, c.kind, c.outcome, c.counts_in_latency, c.latency_us, c.start_lag, c.status_code,
        c.dns_us, c.connect_us, c.tls_us, c.first_byte_us, c.download_us, c.message, cert.not_after, cert.issuer
        """;

    private const string PageJoins = """
        join names l on l.id = c.location_id
        join names w on w.id = c.worker_id
        left join certificates cert on cert.id = c.certificate_id
        """;

    public static List<StoredCheck> ReadPage(SqliteConnection connection, CheckQuery query, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        // due <= $afterDue bounds the range, the pair of conditions below it cuts within the one instant.
        command.CommandText = $"""
            select {PageColumns} from checks c
            {PageJoins}
            where c.service_id = $service and c.due >= $since and c.due <= $afterDue and (c.due < $afterDue or c.id < $afterId)
            order by c.due desc, c.id desc limit $limit
            """;
        command.Parameters.AddWithValue("$service", query.ServiceId);
        command.Parameters.AddWithValue("$since", query.Since ?? long.MinValue);
        command.Parameters.AddWithValue("$afterDue", query.After?.DueTime ?? long.MaxValue);
        command.Parameters.AddWithValue("$afterId", query.After?.Id ?? long.MaxValue);
        command.Parameters.AddWithValue("$limit", query.Limit);
        using var reader = command.ExecuteReader();
        var checks = new List<StoredCheck>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(new StoredCheck(reader.GetInt64(0), query.ServiceId, Result(reader)));
        }

        return checks;
    }

    public static IReadOnlyList<TailedCheck> ReadAfter(SqliteConnection connection, long after, int limit, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            select {PageColumns}, c.service_id, m.namespace, m.name from checks c
            {PageJoins}
            join monitors m on m.id = c.service_id
            where c.id > $after order by c.id limit $limit
            """;
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", limit);
        using var reader = command.ExecuteReader();
        var checks = new List<TailedCheck>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(new TailedCheck(new MonitorKey(reader.GetString(20), reader.GetString(21)), new StoredCheck(reader.GetInt64(0), reader.GetInt64(19), Result(reader))));
        }

        return checks;
    }

    public static List<StoredSample> ReadSamples(
        SqliteConnection connection, SqliteNames names, long serviceId, long from, long until, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"select {SampleColumns} from checks where service_id = $service and due >= $from and due <= $until order by due, id";
        command.Parameters.AddWithValue("$service", serviceId);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$until", until);
        return Samples(connection, command, names, cancellationToken);
    }

    public static StoredHistory ReadHistory(SqliteConnection connection, SqliteNames names, HistoryQuery query, CancellationToken cancellationToken)
    {
        var service = query.ServiceId;
        return new StoredHistory(
            ReadSamples(connection, names, service, query.WindowFrom, long.MaxValue, cancellationToken),
            query.Votes ? [] : CountOutcomes(connection, service, query.DayFrom, query.DayUntil, query.BinLength, query.CountsFromGeneration, cancellationToken),
            query.Votes ? ReadSamples(connection, names, service, query.DayFrom, long.MaxValue, cancellationToken) : [],
            ReadFirstDue(connection, service, query.CountsFrom, query.CountsFromGeneration),
            ReadTail(connection, names, service, query.CountsFrom, query.TailLength, cancellationToken),
            ReadPage(connection, new CheckQuery(service, query.NewestLength, Since: query.CountsFrom), cancellationToken));
    }

    private static List<StoredSample> ReadTail(
        SqliteConnection connection, SqliteNames names, long serviceId, long from, int count, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"select {SampleColumns} from checks where service_id = $service and due >= $from order by due desc, id desc limit $count";
        command.Parameters.AddWithValue("$service", serviceId);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$count", count);
        var samples = Samples(connection, command, names, cancellationToken);
        samples.Reverse();
        return samples;
    }

    public static List<OutcomeBin> CountOutcomes(
        SqliteConnection connection, long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            select due / $bin * $bin as start, sum(outcome = 0), sum(outcome <> 0) from checks
            where service_id = $service and due >= $from and due <= $until and kind <> 2 and generation >= $generation
            group by start order by start
            """;
        command.Parameters.AddWithValue("$bin", binLength);
        command.Parameters.AddWithValue("$service", serviceId);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$until", until);
        command.Parameters.AddWithValue("$generation", fromGeneration);
        using var reader = command.ExecuteReader();
        var bins = new List<OutcomeBin>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            bins.Add(new OutcomeBin(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2)));
        }

        return bins;
    }

    public static long? ReadFirstDue(SqliteConnection connection, long serviceId, long from, long fromGeneration)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            select due from checks where service_id = $service and due >= $from and kind <> 2 and generation >= $generation order by due limit 1
            """;
        command.Parameters.AddWithValue("$service", serviceId);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$generation", fromGeneration);
        return command.ExecuteScalar() as long?;
    }

    private static List<StoredSample> Samples(
        SqliteConnection connection, SqliteCommand command, SqliteNames names, CancellationToken cancellationToken)
    {
        using var reader = command.ExecuteReader();
        var samples = new List<StoredSample>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            samples.Add(new StoredSample(
                reader.GetInt64(0),
                reader.GetInt64(1),
                (Outcome)reader.GetInt64(2),
                (CheckKind)reader.GetInt64(3),
                reader.GetInt64(4) != 0,
                reader.GetInt64(5),
                names.NameOf(connection, reader.GetInt64(6))));
        }

        return samples;
    }

    private static CheckResult Result(SqliteDataReader reader)
    {
        var due = reader.GetInt64(1);
        return new CheckResult
        {
            Uid = "",
            DueTime = due,
            Location = reader.GetString(2),
            Worker = reader.GetString(3),
            Generation = reader.GetInt64(4),
            Kind = (CheckKind)reader.GetInt64(5),
            Outcome = (Outcome)reader.GetInt64(6),
            CountsInLatency = reader.GetInt64(7) != 0,
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
}
