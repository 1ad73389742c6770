using HealthTrack.Core.Checks;
using Npgsql;
using NpgsqlTypes;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>
/// The ids of the names and certificates of one batch. Asked for anew with each batch, in one query for all: remembered ones would be wrong after a
/// backup was put in the database's place under a running process.
/// </summary>
internal sealed class PostgresNames
{
    private const string FindNames = "select name, id from names where name = any($1)";

    // In one order everywhere: two transactions that add the same names wait for each other, never both at once.
    private const string AddNames = "insert into names (name) select n from unnest($1) n order by n on conflict do nothing";

    private const string FindCertificates =
        "select c.issuer, c.not_after, c.id, c.seen from certificates c join unnest($1, $2) as u (issuer, not_after) on c.issuer = u.issuer and c.not_after = u.not_after";

    private const string SeeCertificates = """
        insert into certificates (issuer, not_after, seen) select * from unnest($1, $2, $3) as u (issuer, not_after, seen) order by issuer collate "C", not_after
        on conflict (issuer, not_after) do update set seen = greatest(certificates.seen, excluded.seen)
        """;

    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Issuer, long NotAfter), (long Id, long Seen)> _certificates = [];

    /// <summary>The id of a location's or a worker's name.</summary>
    public int IdOf(string name) => _names[StoredText.Name(name)];

    /// <summary>The id of a certificate's facts; null for none.</summary>
    public long? IdOf(CertificateFacts? certificate) => certificate is null ? null : _certificates[Key(certificate)].Id;

    /// <summary>
    /// Finds the ids of all that a batch names, and makes those that are missing. Outside a transaction: one that was left open would keep every other process
    /// from the same names.
    /// </summary>
    public static async Task<PostgresNames> ResolveAsync(NpgsqlConnection connection, IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken)
    {
        var resolved = new PostgresNames();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var certificates = new Dictionary<(string Issuer, long NotAfter), long>();
        foreach (var check in checks)
        {
            names.Add(StoredText.Name(check.Result.Location));
            names.Add(StoredText.Name(check.Result.Worker));
            if (check.Result.Certificate is { } certificate)
            {
                var key = Key(certificate);
                certificates[key] = Math.Max(check.Result.DueTime, certificates.GetValueOrDefault(key, long.MinValue));
            }
        }

        await resolved.FindNamesAsync(connection, names, cancellationToken);
        if (names.RemoveWhere(resolved._names.ContainsKey) >= 0 && names.Count > 0)
        {
            await using var add = Command(connection, AddNames, names);
            await add.ExecuteNonQueryAsync(cancellationToken);
            await resolved.FindNamesAsync(connection, names, cancellationToken);
        }

        if (certificates.Count == 0)
            return resolved;
        await resolved.FindCertificatesAsync(connection, certificates.Keys, cancellationToken);
        // One that retention takes away meanwhile is among these: what it says is behind.
        var behind = certificates
            .Where(pair => !resolved._certificates.TryGetValue(pair.Key, out var known) || SeenCertificates.IsBehind(known.Seen, pair.Value))
            .ToDictionary();
        if (behind.Count > 0)
        {
            await using var see = Command(connection, SeeCertificates, behind.Keys);
            see.Parameters.Add(Numbers(behind.Values));
            await see.ExecuteNonQueryAsync(cancellationToken);
            await resolved.FindCertificatesAsync(connection, behind.Keys, cancellationToken);
        }

        return resolved;
    }

    private async Task FindNamesAsync(NpgsqlConnection connection, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        await using var find = Command(connection, FindNames, names);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            _names[reader.GetString(0)] = reader.GetInt32(1);
    }

    private async Task FindCertificatesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<(string Issuer, long NotAfter)> certificates, CancellationToken cancellationToken)
    {
        await using var find = Command(connection, FindCertificates, certificates);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            _certificates[(reader.GetString(0), reader.GetInt64(1))] = (reader.GetInt64(2), reader.GetInt64(3));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, IEnumerable<string> names) => new(sql, connection)
    {
        Parameters = { Texts(names) },
    };

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, IReadOnlyCollection<(string Issuer, long NotAfter)> certificates) => new(sql, connection)
    {
        Parameters =
        {
            Texts(certificates.Select(certificate => certificate.Issuer)),
            Numbers(certificates.Select(certificate => certificate.NotAfter)),
        },
    };

    private static NpgsqlParameter Texts(IEnumerable<string> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Numbers(IEnumerable<long> numbers) =>
        new() { Value = numbers.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    private static (string Issuer, long NotAfter) Key(CertificateFacts certificate) =>
        (StoredText.Issuer(certificate.Issuer), certificate.NotAfter.ToUnixTimeMilliseconds());
}
