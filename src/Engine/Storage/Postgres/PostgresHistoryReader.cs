using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>
/// The histories of many services in one round trip: what a new leader waits for. Each statement goes through the services one by one, and of each through one range
/// of the primary key; the partitions are looked up once, not once a service.
/// </summary>
internal static class PostgresHistoryReader
{
    // The offset keeps the planner from turning the ranges of a few services into a join over whole days.
    private const string Samples = $"""
        select q.number, {PostgresCheckReader.SampleColumns} from unnest($1, $2) with ordinality q (service_id, since, number)
        cross join lateral (select * from checks where service_id = q.service_id and due >= q.since and due >= $3 offset 0) c
        join names l on l.id = c.location_id
        order by q.number, c.due, c.id
        """;

    private const string Uptime = """
        select q.number, b.start, b.good, b.bad from unnest($1, $2, $3, $4, $5) with ordinality q (service_id, since, until, bin, generation, number)
        cross join lateral (
          select due / q.bin * q.bin as start, count(*) filter (where outcome = 0) as good, count(*) filter (where outcome <> 0) as bad from checks
          where service_id = q.service_id and due >= q.since and due <= q.until and due >= $6 and kind <> 2 and generation >= q.generation
          group by 1) b
        order by q.number, b.start
        """;

    private const string FirstDue = """
        select q.number, c.due from unnest($1, $2, $3) with ordinality q (service_id, since, generation, number)
        cross join lateral (
          select due from checks where service_id = q.service_id and due >= q.since and kind <> 2 and generation >= q.generation order by due limit 1) c
        """;

    private const string Newest = """
        unnest($1, $2, $3) with ordinality q (service_id, since, length, number)
        cross join lateral (select * from checks where service_id = q.service_id and due >= q.since order by due desc, id desc limit q.length) c
        """;

    private const string Tail = $"""
        select q.number, {PostgresCheckReader.SampleColumns} from {Newest}
        join names l on l.id = c.location_id
        order by q.number, c.due, c.id
        """;

    private const string Checks = $"""
        select {PostgresCheckReader.PageColumns}, q.number, q.service_id from {Newest}
        {PostgresCheckReader.PageJoins}
        order by q.number, c.due desc, c.id desc
        """;

    /// <summary>Reads them.</summary>
    public static async Task<IReadOnlyList<StoredHistory>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken)
    {
        // Lists that are not wanted are asked for over an empty range.
        var votesFrom = Of(queries, q => q.Votes ? q.DayFrom : long.MaxValue);
        var uptimeFrom = Of(queries, q => q.Votes ? long.MaxValue : q.DayFrom);
        var (ids, windowFrom, countsFrom) = (Of(queries, q => q.ServiceId), Of(queries, q => q.WindowFrom), Of(queries, q => q.CountsFrom));
        var generations = Of(queries, q => q.CountsFromGeneration);
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, Samples, ids, windowFrom).Parameters.Add(Of(windowFrom.Min()));
        Add(batch, Samples, ids, votesFrom).Parameters.Add(Of(votesFrom.Min()));
        Add(batch, Uptime, ids, uptimeFrom, Of(queries, q => q.DayUntil), Of(queries, q => q.BinLength), generations).Parameters.Add(Of(uptimeFrom.Min()));
        Add(batch, FirstDue, ids, countsFrom, generations);
        Add(batch, Tail, ids, countsFrom, Of(queries, q => q.TailLength));
        Add(batch, Checks, ids, countsFrom, Of(queries, q => q.NewestLength));

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var samples = await SamplesAsync(reader, queries.Count, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var votes = await SamplesAsync(reader, queries.Count, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var uptime = await ListsAsync(reader, queries.Count, 0, r => new OutcomeBin(r.GetInt64(1), (int)r.GetInt64(2), (int)r.GetInt64(3)), cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var firstDue = await ListsAsync(reader, queries.Count, 0, r => r.GetInt64(1), cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var tail = await SamplesAsync(reader, queries.Count, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var newest = await ListsAsync(
            reader, queries.Count, 19, r => new StoredCheck(r.GetInt64(0), r.GetInt64(20), PostgresCheckReader.Result(r)), cancellationToken);
        return [.. queries.Select((_, i) => new StoredHistory(samples[i], uptime[i], votes[i], firstDue[i] is [var due] ? due : null, tail[i], newest[i]))];
    }

    private static long[] Of(IReadOnlyList<HistoryQuery> queries, Func<HistoryQuery, long> value) => [.. queries.Select(value)];

    private static NpgsqlParameter<long> Of(long value) => new() { TypedValue = value };

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql, params long[][] columns)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = column });
        batch.BatchCommands.Add(command);
        return command;
    }

    private static Task<List<StoredSample>[]> SamplesAsync(NpgsqlDataReader reader, int count, CancellationToken cancellationToken)
    {
        var samples = new PostgresCheckReader.SampleReader(reader, 1);
        return ListsAsync(reader, count, 0, _ => samples.Read(), cancellationToken);
    }

    // One list a query, from rows that say in a column which one they belong to, counted from 1.
    private static async Task<List<T>[]> ListsAsync<T>(
        NpgsqlDataReader reader, int count, int number, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var lists = new List<T>[count];
        for (var i = 0; i < count; i++)
            lists[i] = [];
        while (await reader.ReadAsync(cancellationToken))
            lists[reader.GetInt64(number) - 1].Add(read(reader));
        return lists;
    }
}
