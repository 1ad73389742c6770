using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>The partitions of the checks table, one a UTC day, named checks_YYYYMMDD.</summary>
internal sealed class PostgresPartitions(TimeProvider time)
{
    private const string Prefix = "checks_";
    private const string DayFormat = "yyyyMMdd";
    private const long DayLength = 86_400_000; // ms

    // Made ahead of the clock: midnight finds the day's partition there.
    private const int DaysAhead = 2;

    // Only ever a reason to look: another process may drop a day that is remembered here, and the insert says so.
    private readonly ConcurrentDictionary<long, bool> _known = new();

    /// <summary>A partition.</summary>
    /// <param name="Name">The table's name.</param>
    /// <param name="Start">Its first due time.</param>
    /// <param name="End">The first due time after it.</param>
    public readonly record struct Partition(string Name, long Start, long End);

    /// <summary>The days that a batch needs and that are not known to be there.</summary>
    public IReadOnlySet<long> Missing(IReadOnlyList<NewCheck> checks)
    {
        var days = new HashSet<long>();
        foreach (var check in checks)
        {
            var day = DayOf(check.Result.DueTime);
            if (!_known.ContainsKey(day))
                days.Add(day);
        }

        return days;
    }

    /// <summary>Another process dropped some: looks again at the next batch.</summary>
    public void Forget() => _known.Clear();

    /// <summary>They are there: the transaction that made them has committed.</summary>
    public void Remember(IEnumerable<long> days)
    {
        foreach (var day in days)
            _known[day] = true;
    }

    /// <summary>Makes the partitions of <paramref name="days"/>, of today and of the days ahead where they are missing, within the connection's write transaction.</summary>
    /// <returns>The days that are there once it commits.</returns>
    public async Task<IReadOnlySet<long>> MakeAsync(NpgsqlConnection connection, IEnumerable<long> days, CancellationToken cancellationToken)
    {
        var today = DayOf(time.GetUtcNow().ToUnixTimeMilliseconds());
        var wanted = days.Concat(Enumerable.Range(0, DaysAhead + 1).Select(ahead => today + ahead)).ToHashSet();
        var there = (await ReadAsync(connection, cancellationToken)).Select(partition => partition.Name).ToHashSet();
        foreach (var day in wanted.Where(day => !there.Contains(NameOf(day))).Order())
        {
            // Made first and attached then: "create table ... partition of" would lock out everybody who reads the other days.
            var name = NameOf(day);
            await using var command = new NpgsqlCommand(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"create table {name} (like checks including all); alter table checks attach partition {name} for values from ({day * DayLength}) to ({(day + 1) * DayLength})"),
                connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return wanted;
    }

    /// <summary>All partitions, oldest first. A table that somebody else attached under another name is left out, and so left alone.</summary>
    public static async Task<IReadOnlyList<Partition>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'checks'::regclass", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<Partition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && DateOnly.TryParseExact(name[Prefix.Length..], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                var day = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
                partitions.Add(new Partition(name, day * DayLength, (day + 1) * DayLength));
            }
        }

        return [.. partitions.OrderBy(partition => partition.Start)];
    }

    private static long DayOf(long due) => (long)Math.Floor((decimal)due / DayLength);

    private static string NameOf(long day) =>
        Prefix + DateTimeOffset.FromUnixTimeMilliseconds(day * DayLength).ToString(DayFormat, CultureInfo.InvariantCulture);
}
