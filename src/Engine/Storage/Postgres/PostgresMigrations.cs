using System.Reflection;
using System.Runtime.ExceptionServices;
using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>Brings a database's schema up to date with the scripts embedded under <c>migrations/postgres/</c>.</summary>
internal static class PostgresMigrations
{
    private const string Prefix = "migrations/postgres/";
    private const string Journal = "healthtrack_schema";

    // The oldest that has pg_current_xact_id and incremental sort.
    private const int OldestServer = 13;

    // Any number that no other program is likely to lock; advisory locks are a database's own.
    private const long LockKey = 0x4845_414C_5448_0001;

    private static readonly string[] OwnTables = ["leader_epoch", "monitors", "names", "certificates", "checks", "counters", "workers"];

    /// <summary>Runs what is missing, all or nothing, while no other process does.</summary>
    /// <exception cref="StoreRefusedException">The database was written by a newer version, belongs to another program, or its server is too old.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource database, string place, CancellationToken cancellationToken)
    {
        var scripts = Embedded();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StoreRefusedException(
                $"The database {place} runs on Postgres {connection.PostgreSqlVersion}: HealthTrack needs {OldestServer} or later.");
        }

        // Belongs to the session: it goes with the connection, however that ends. Where another process migrates for longer than the session's lock_timeout,
        // the store counts as away and is asked again.
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellationToken);
        try
        {
            var schema = await ReadSchemaAsync(connection, place, cancellationToken);
            var missing = await MissingAsync(connection, schema, scripts, place, cancellationToken);
            if (missing.Count > 0)
                await Task.Run(() => Upgrade(database, schema, scripts), cancellationToken);
        }
        finally
        {
            // Where this fails, the connection is broken and the lock gone with it.
            if (connection.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    private static void Upgrade(NpgsqlDataSource database, string schema, IEnumerable<SqlScript> scripts)
    {
        var upgrade = DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(database))
            .WithScripts(scripts)
            .JournalToPostgresqlTable(schema, Journal)
            .WithVariablesDisabled()
            .WithTransaction()
            .WithExecutionTimeout(TimeSpan.Zero) // none: a migration takes as long as the table is large
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!upgrade.Successful)
            ExceptionDispatchInfo.Throw(upgrade.Error);
    }

    // Where unqualified names are made: the first schema of the search path that exists.
    private static async Task<string> ReadSchemaAsync(NpgsqlConnection connection, string place, CancellationToken cancellationToken) =>
        (await TextsAsync(connection, "select coalesce(current_schema(), '')", cancellationToken)) is [{ Length: > 0 } schema]
            ? schema
            : throw new StoreRefusedException($"The database {place} has no schema to create tables in: create the first one of the user's search_path and grant usage on it.");

    private static async Task<List<string>> MissingAsync(
        NpgsqlConnection connection, string schema, IReadOnlyList<SqlScript> scripts, string place, CancellationToken cancellationToken)
    {
        var tables = await TextsAsync(
            connection, "select relname from pg_class where relnamespace = to_regnamespace(quote_ident(current_schema())) and relkind in ('r', 'p', 'v', 'm', 'f')", cancellationToken);
        var names = scripts.Select(script => script.Name).ToList();
        if (!tables.Contains(Journal))
        {
            var foreign = tables.Intersect(OwnTables).Order(StringComparer.Ordinal).ToList();
            return foreign.Count == 0
                ? names
                : throw new StoreRefusedException(
                    $"The database {place} has tables of another program in the schema {schema} ({string.Join(", ", foreign)}): name another database for the storage.");
        }

        var applied = await TextsAsync(connection, $"select scriptname from {Journal} order by scriptname", cancellationToken);
        var unknown = applied.Except(names).ToList();
        if (unknown.Count > 0)
        {
            throw new StoreRefusedException(
                $"The database {place} was written by a newer version of HealthTrack (it has {string.Join(", ", unknown)}): run that version or a later one.");
        }

        return names.Except(applied).ToList();
    }

    private static List<SqlScript> Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(name[Prefix.Length..], assembly.GetManifestResourceStream(name)!))
            .ToList();
    }

    private static async Task<List<string>> TextsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            texts.Add(reader.GetString(0));
        return texts;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
