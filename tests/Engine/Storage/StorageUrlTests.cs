using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Storage;

public sealed class StorageUrlTests
{
    [Theory]
    [InlineData("sqlite:data/healthtrack.db", "data/healthtrack.db")]
    [InlineData("  SQLite:/var/lib/a b.db ", "/var/lib/a b.db")]
    [InlineData("sqlite:///var/lib/x.db", "/var/lib/x.db")]
    [InlineData("sqlite:odd;name=1.db", "odd;name=1.db")]
    public void Parse_Sqlite_GivesThePath(string text, string path) => Assert.Equal(new SqliteStorage(path), StorageUrl.Parse(text));

    [Theory]
    [InlineData("postgres://u:hunter2@db/healthtrack")]
    [InlineData("postgresql://db/healthtrack")]
    [InlineData("Host=db;Database=healthtrack;Password=hunter2")]
    [InlineData("database=x; SERVER = db")]
    public void Parse_Postgres_IsRecognisedAndShowsNoPassword(string text)
    {
        var storage = Assert.IsType<PostgresStorage>(StorageUrl.Parse(text));

        Assert.Equal(text, storage.ConnectionString);
        Assert.DoesNotContain("hunter2", storage.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", storage.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", new EngineOptions { Storage = text }.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite:a/b.db", "sqlite:a/b.db")]
    [InlineData("postgres://u:p@db/x?sslmode=require", "postgres://db:5432/x")]
    [InlineData("postgres://u:p@[::1]:6432/x", "postgres://[::1]:6432/x")]
    [InlineData("Host=a,b;Database=x;Password=p", "postgres://a,b:5432/x")]
    public void Shown_IsThePlaceAlone(string text, string shown) => Assert.Equal(shown, StorageUrl.Parse(text).Shown);

    [Theory]
    [InlineData("", "sqlite:PATH")]
    [InlineData("healthtrack.db", "sqlite:PATH")]
    [InlineData("mysql://u:hunter2@db/x", "sqlite:PATH")]
    [InlineData("sqlite:", "names no file")]
    [InlineData("sqlite:data/", "not a folder")]
    [InlineData("sqlite://data/x.db", "names a host")]
    [InlineData("sqlite::memory:", "not supported")]
    public void Parse_AnythingElse_SaysWhatWouldBeRight(string text, string part)
    {
        var error = Assert.Throws<FormatException>(() => StorageUrl.Parse(text));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_EveryForm_OpensNothingYet()
    {
        string[] settings = ["postgres://u:hunter2@db.invalid/x", "Host=db.invalid;Database=x", "sqlite:x/y.db"];
        foreach (var setting in settings)
            await ResultStores.Create(setting, TimeProvider.System).DisposeAsync();
        Assert.False(Directory.Exists("x"));
    }
}
