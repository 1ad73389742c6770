using System.Globalization;
using HealthTrack.Core.Checks;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Bench.Processes;

/// <summary>The checks in a store's file, read past the program: what it really stored, and without costing it CPU.</summary>
internal sealed class StoredChecks : IDisposable
{
    private const int Ok = (int)Outcome.Ok;
    private const int Scheduled = (int)CheckKind.Scheduled;
    private readonly SqliteConnection _connection;

    public StoredChecks(string path)
    {
        // Not read-only: a reader of a WAL file writes to its shared index.
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        _connection.Open();
    }

    /// <summary>How many there are.</summary>
    public long Count() => Ask("select last from counters where name = 'checks'", 0, 0).Single()[0];

    /// <summary>Of the checks due in a span: all, those that were ok, those that made a connection of their own.</summary>
    public (long All, long Ok, long Connected) Outcomes(long fromMs, long untilMs)
    {
        var row = Ask(
            $"select count(*), count(*) filter (where outcome = {Ok}), count(*) filter (where connect_us > 0) from checks where due >= $from and due < $until",
            fromMs, untilMs).Single();
        return (row[0], row[1], row[2]);
    }

    /// <summary>Latenesses of scheduled checks due in a span, whole ms, rounded down; ascending.</summary>
    public long[] Latenesses(long fromMs, long untilMs) =>
        [.. Ask($"select start_lag from checks where due >= $from and due < $until and kind = {Scheduled} order by start_lag", fromMs, untilMs).Select(row => row[0])];

    /// <summary>The same of the monitors whose manifest does not hold a text.</summary>
    public long[] LatenessesWithout(string text, long fromMs, long untilMs) =>
    [
        .. Ask(
            "select start_lag from checks where due >= $from and due < $until and kind = " + Scheduled.ToString(CultureInfo.InvariantCulture)
            + $" and service_id in (select id from monitors where instr(manifest, '{text}') = 0) order by start_lag",
            fromMs, untilMs).Select(row => row[0]),
    ];

    /// <summary>Checks due in each whole second of a span.</summary>
    public long[] DuePerSecond(long fromMs, long untilMs) =>
        [.. Ask($"select count(*) from checks where due >= $from and due < $until and kind = {Scheduled} group by due / 1000", fromMs, untilMs).Select(row => row[0])];

    /// <summary>For each service whose checks were bad in a span: its name, and when the first of them had ended, ms since the Unix epoch.</summary>
    public IReadOnlyDictionary<string, long> FirstBad(long fromMs, long untilMs)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "select m.name, min(c.due + c.start_lag + c.latency_us / 1000) from checks c join monitors m on m.id = c.service_id "
            + $"where c.due >= $from and c.due < $until and c.outcome <> {Ok} group by m.name";
        command.Parameters.AddWithValue("$from", fromMs);
        command.Parameters.AddWithValue("$until", untilMs);
        using var reader = command.ExecuteReader();
        var ends = new Dictionary<string, long>();
        while (reader.Read())
            ends[reader.GetString(0)] = reader.GetInt64(1);
        return ends;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private List<long[]> Ask(string sql, long fromMs, long untilMs)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$from", fromMs);
        command.Parameters.AddWithValue("$until", untilMs);
        using var reader = command.ExecuteReader();
        var rows = new List<long[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetInt64)]);
        return rows;
    }
}
