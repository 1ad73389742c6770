using System.Collections.Concurrent;
using HealthTrack.Core.Checks;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>
/// The ids of names and certificates, remembered so that a row costs no look-up. Ids never change, so what was committed stays true;
/// what a transaction added is remembered only once it has committed.
/// </summary>
internal sealed class SqliteNames
{
    // Certificates are renewed for ever: forgotten as a whole once there are this many, then looked up again.
    private const int MaxCertificates = 50_000;

    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _names = new();
    private readonly ConcurrentDictionary<(string Issuer, long NotAfter), Certificate> _certificates = new();

    /// <summary>Begins to resolve for one transaction.</summary>
    public Resolver In(SqliteConnection connection) => new(this, connection);

    /// <summary>The name that belongs to an id found in a row.</summary>
    public string NameOf(SqliteConnection connection, long id)
    {
        if (_names.TryGetValue(id, out var known))
            return known;
        using var command = connection.CreateCommand();
        command.CommandText = "select name from names where id = $id";
        command.Parameters.AddWithValue("$id", id);
        var name = (string)command.ExecuteScalar()!;
        return _names.GetOrAdd(id, name);
    }

    /// <summary>Resolves within one transaction.</summary>
    internal sealed class Resolver(SqliteNames names, SqliteConnection connection)
    {
        private readonly Dictionary<string, long> _newIds = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Issuer, long NotAfter), Certificate> _newCertificates = [];

        /// <summary>The id of a name, made where there is none.</summary>
        public long IdOf(string name)
        {
            if (names._ids.TryGetValue(name, out var id) || _newIds.TryGetValue(name, out id))
                return id;
            id = FindOrAdd(
                "insert into names (name) values ($a) on conflict do nothing", "select id from names where name = $a", name);
            _newIds.Add(name, id);
            return id;
        }

        /// <summary>The id of the facts of a certificate that a check due at <paramref name="due"/> shows, made where there are none.</summary>
        public long IdOf(CertificateFacts certificate, long due)
        {
            var key = (StoredText.Issuer(certificate.Issuer), certificate.NotAfter.ToUnixTimeMilliseconds());
            // One that retention took away is never found here: whatever is remembered of it is behind.
            if ((_newCertificates.TryGetValue(key, out var known) || names._certificates.TryGetValue(key, out known)) && !SeenCertificates.IsBehind(known.Seen, due))
                return known.Id;
            known = See(key, due);
            _newCertificates[key] = known;
            return known.Id;
        }

        /// <summary>The transaction has committed: what it added may be remembered.</summary>
        public void Keep()
        {
            foreach (var (name, id) in _newIds)
                names._ids[name] = id;
            if (names._certificates.Count + _newCertificates.Count > MaxCertificates)
                names._certificates.Clear();
            foreach (var (certificate, id) in _newCertificates)
                names._certificates[certificate] = id;
        }

        private Certificate See((string Issuer, long NotAfter) key, long due)
        {
            using var command = connection.CreateCommand();
            command.CommandText = """
                insert into certificates (issuer, not_after, seen) values ($issuer, $notAfter, $due)
                on conflict (issuer, not_after) do update set seen = max(seen, excluded.seen) returning id, seen
                """;
            command.Parameters.AddWithValue("$issuer", key.Issuer);
            command.Parameters.AddWithValue("$notAfter", key.NotAfter);
            command.Parameters.AddWithValue("$due", due);
            using var reader = command.ExecuteReader();
            reader.Read();
            return new Certificate(reader.GetInt64(0), reader.GetInt64(1));
        }

        private long FindOrAdd(string insert, string select, string name)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"{insert}; {select}";
            command.Parameters.AddWithValue("$a", name);
            return (long)command.ExecuteScalar()!;
        }
    }

    private readonly record struct Certificate(long Id, long Seen);
}
