using System.Reflection;
using System.Runtime.ExceptionServices;
using DbUp;
using DbUp.Engine;
using DbUp.Sqlite.Helpers;
using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>Brings a file's schema up to date with the scripts embedded under <c>migrations/sqlite/</c>.</summary>
internal static class SqliteMigrations
{
    private const string Prefix = "migrations/sqlite/";
    private const string Journal = "SchemaVersions";

    /// <summary>Runs what is missing, all or nothing.</summary>
    /// <exception cref="StoreRefusedException">The file was written by a newer version, or by another program.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        var scripts = Embedded();
        // An exclusive transaction around everything is the lock: a second process that starts on the same file waits for its busy time-out,
        // then finds nothing left to do. It is begun by hand because DbUp's own transactions would end between two scripts.
        Execute(connection, "begin exclusive");
        try
        {
            Refuse(connection, path, scripts);
            var upgrade = DeployChanges.To
                .SqliteDatabase(new SharedConnection(connection))
                .WithScripts(scripts)
                .JournalToSqliteTable(Journal)
                .WithVariablesDisabled()
                .WithoutTransaction()
                .LogToNowhere()
                .Build()
                .PerformUpgrade();
            if (!upgrade.Successful)
                ExceptionDispatchInfo.Throw(upgrade.Error);
            Execute(connection, "commit");
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    private static void Refuse(SqliteConnection connection, string path, IReadOnlyList<SqlScript> scripts)
    {
        var tables = Texts(connection, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
        if (tables.Count == 0)
            return;
        if (!tables.Contains(Journal))
            throw new StoreRefusedException($"The database {path} belongs to another program: name another file for the storage.");

        var unknown = Texts(connection, $"select ScriptName from {Journal} order by ScriptName").Except(scripts.Select(script => script.Name)).ToList();
        if (unknown.Count > 0)
        {
            throw new StoreRefusedException(
                $"The database {path} was written by a newer version of HealthTrack (it has {string.Join(", ", unknown)}): run that version or a later one.");
        }
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

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }

    private static void RollBack(SqliteConnection connection)
    {
        try
        {
            Execute(connection, "rollback");
        }
        catch (SqliteException)
        {
            // Some errors (disk full, I/O) end the transaction by themselves; what matters is the first error, which is on its way up.
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
