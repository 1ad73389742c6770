using HealthTrack.Engine.Storage.Postgres;
using HealthTrack.Engine.Tests.Storage;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>
/// The Postgres server of this test run, started when the first test asks for it: the one that HEALTHTRACK_POSTGRES names (as --storage would; a superuser,
/// asked for a password), else one from a local binary. The tests that stop and kill a server always start their own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Variable = "HEALTHTRACK_POSTGRES";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private PostgresInstance? _instance;
    private string? _settings;

    /// <summary>Makes an empty database.</summary>
    /// <returns>Npgsql's keywords for it.</returns>
    internal async Task<NpgsqlConnectionStringBuilder> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var server = await SettingsAsync(cancellationToken);
        var name = $"healthtrack_test_{Guid.NewGuid():N}";
        await ExecuteAsync(server, $"create database {name} template template0", cancellationToken);
        return new NpgsqlConnectionStringBuilder(server) { Database = name };
    }

    /// <summary>Takes a database away, and whoever is connected to it.</summary>
    internal async Task DropDatabaseAsync(NpgsqlConnectionStringBuilder database) =>
        await ExecuteAsync(await SettingsAsync(CancellationToken.None), $"drop database {database.Database} with (force)", CancellationToken.None);

    /// <summary>Runs a statement on a connection of its own.</summary>
    internal static async Task<object?> ExecuteAsync(string settings, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>How to reach the maintenance database of a server of this project's own.</summary>
    internal static NpgsqlConnectionStringBuilder Settings(PostgresInstance instance) => new()
    {
        Host = "127.0.0.1",
        Port = instance.Port,
        Username = PostgresInstance.User,
        Password = PostgresInstance.Password,
        Database = "postgres",
    };

    public async ValueTask DisposeAsync()
    {
        if (_instance is { } instance)
            await instance.DisposeAsync();
    }

    private async Task<string> SettingsAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_settings is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
                _settings = PostgresSettings.Parse(named).ConnectionString;
            if (_settings is null)
            {
                _instance = await PostgresInstance.StartNewAsync(cancellationToken);
                _settings = Settings(_instance).ConnectionString;
            }

            return _settings;
        }
        finally
        {
            _starting.Release();
        }
    }
}

/// <summary>A database for the tests of one class, emptied for each.</summary>
public sealed class PostgresPlace(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlConnectionStringBuilder _database = null!;

    /// <summary>The setting that names it.</summary>
    internal string Url => _database.ConnectionString;

    /// <summary>The same, to be changed.</summary>
    internal NpgsqlConnectionStringBuilder Settings => new(Url);

    public async ValueTask InitializeAsync() => _database = await server.CreateDatabaseAsync(CancellationToken.None);

    public async ValueTask DisposeAsync() => await server.DropDatabaseAsync(_database);

    internal Task EmptyAsync() => ExecuteAsync("drop schema public cascade; create schema public; grant usage on schema public to public");

    internal Task<object?> ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(Url, sql, TestContext.Current.CancellationToken);
}
