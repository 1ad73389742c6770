using HealthTrack.Engine.Tests.Storage;
using Npgsql;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The drivers that the same tests run over.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>A store of a test's own: a file, or a Postgres server.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly string? _folder;
    private readonly PostgresInstance? _server;

    private TestStore(string url, string? folder, PostgresInstance? server) => (Url, _folder, _server) = (url, folder, server);

    /// <summary>As <c>--storage</c> takes it.</summary>
    public string Url { get; }

    public static async Task<TestStore> StartAsync(StoreKind kind, CancellationToken cancellationToken)
    {
        if (kind == StoreKind.Sqlite)
        {
            var folder = Directory.CreateTempSubdirectory("healthtrack-").FullName;
            return new TestStore($"sqlite:{Path.Combine(folder, "healthtrack.db")}", folder, null);
        }
        var server = await PostgresInstance.StartNewAsync(cancellationToken);
        return new TestStore(
            new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1", Port = server.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
            }.ConnectionString,
            null, server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
