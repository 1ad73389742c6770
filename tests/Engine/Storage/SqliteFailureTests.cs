using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>What goes wrong with a file, and how the store comes back from it.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private static readonly TimeSpan ShortBusyTimeout = TimeSpan.FromMilliseconds(20);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => _folder.File("health.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AppendChecks_WhileLockedByAnother_IsUnavailableThenGoesOn()
    {
        await using var store = await OpenWithMonitorAsync();
        await using (var other = Connect())
        {
            Execute(other, "begin exclusive");

            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendChecksAsync([Check(1, Start)], Cancelled));
            Assert.Contains(File, error.Message, StringComparison.Ordinal);
            Assert.False(await store.IsAvailableAsync(Cancelled));
            Assert.Empty(await store.ReadChecksAsync(new CheckQuery(1, 1), Cancelled)); // readers are not held up
            Execute(other, "rollback");
        }

        Assert.True(await store.IsAvailableAsync(Cancelled));
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start)], Cancelled)));
    }

    [Fact]
    public async Task AnyCall_WhileTheFileIsAway_IsUnavailableAndMakesNoNewOne()
    {
        await using var store = await OpenWithMonitorAsync();
        var away = _folder.File("away.db");
        System.IO.File.Move(File, away);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendChecksAsync([Check(1, Start)], Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadMonitorsAsync(Cancelled));
        Assert.False(await store.IsAvailableAsync(Cancelled));
        Assert.False(System.IO.File.Exists(File));

        System.IO.File.Move(away, File);
        Assert.True(await store.IsAvailableAsync(Cancelled));
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start)], Cancelled)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AppendChecks_AfterABackupWasPutInTheFilesPlace_IsStoredInTheBackup(bool seenMissing)
    {
        var (backup, away) = (_folder.File("backup.db"), _folder.File("away.db"));
        await using var store = await OpenWithMonitorAsync();
        await using (var other = Connect())
            Execute(other, $"vacuum into '{backup}'");
        await store.AppendChecksAsync([Check(1, Start, location: "first"), Check(1, Start + 1, location: "second")], Cancelled);
        Assert.Equal(2, (await store.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Count);

        System.IO.File.Move(File, away);
        if (seenMissing)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadMonitorsAsync(Cancelled));
        System.IO.File.Copy(backup, File);
        // The backup knows neither name: what was remembered of their ids is not true in it.
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start + 2, location: "second")], Cancelled)));

        await using var restored = new SqliteResultStore(File);
        foreach (var reader in new[] { store, restored })
            Assert.Equal("second", Assert.Single(await reader.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Result.Location);
        await using var old = new SqliteResultStore(away);
        Assert.Equal(2, (await old.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Count);
    }

    [Fact]
    public async Task AnyCall_WhileABackupIsBeingCopied_IsUnavailableAndLeavesItAlone()
    {
        await using var store = await OpenWithMonitorAsync();
        await store.AppendChecksAsync([.. Enumerable.Range(0, 2000).Select(i => Check(1, Start + i))], Cancelled);
        var away = _folder.File("away.db");
        System.IO.File.Move(File, away);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadMonitorsAsync(Cancelled));
        var whole = await System.IO.File.ReadAllBytesAsync(away, Cancelled);

        foreach (var length in new[] { 0, whole.Length / 2 })
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..length], Cancelled);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendChecksAsync([Check(1, Start - 1)], Cancelled));
            Assert.Equal(length, new FileInfo(File).Length);
        }

        await System.IO.File.WriteAllBytesAsync(File, whole, Cancelled);
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start - 1)], Cancelled)));
    }

    [Fact]
    public async Task Initialize_WhileTheFolderCannotBeMade_IsUnavailableThenWorksByItself()
    {
        var blocked = _folder.File("data");
        await System.IO.File.WriteAllTextAsync(blocked, "a file where the folder should be", Cancelled);
        await using var store = new SqliteResultStore(Path.Combine(blocked, "health.db"));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.InitializeAsync(Cancelled));
        Assert.False(await store.IsAvailableAsync(Cancelled));

        System.IO.File.Delete(blocked);
        Assert.Equal(1, await store.AddMonitorAsync("a", Cancelled));
    }

    [Fact]
    public async Task Initialize_OfAFileThatIsNoDatabase_NamesTheFile()
    {
        await System.IO.File.WriteAllTextAsync(File, string.Join('\n', Enumerable.Repeat("not a database", 1000)), Cancelled);
        await using var store = new SqliteResultStore(File);

        var error = await Assert.ThrowsAsync<StoreRefusedException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        Assert.False(await store.IsAvailableAsync(Cancelled));
    }

    [Fact]
    public async Task ReadMonitors_OfADamagedFile_NamesTheFile()
    {
        await using (var store = await OpenWithMonitorAsync())
            await store.AppendChecksAsync([.. Enumerable.Range(0, 2000).Select(i => Check(1, Start + i))], Cancelled);
        await using (var file = System.IO.File.OpenWrite(File))
        {
            file.Position = 4096; // the first page, and with it the schema, stays
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray(), Cancelled);
        }

        await using var damaged = new SqliteResultStore(File);
        var error = await Assert.ThrowsAsync<StoreRefusedException>(async () =>
        {
            await damaged.InitializeAsync(Cancelled);
            await damaged.ReadMonitorsAsync(Cancelled);
        });

        Assert.Contains(File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_OfANewerVersionsFile_IsRefusedAndLeavesItAlone()
    {
        await (await OpenWithMonitorAsync()).DisposeAsync();
        await using (var other = Connect())
            Execute(other, "insert into SchemaVersions (ScriptName, Applied) values ('0999_from_the_future.sql', '2099-01-01')");
        await using var store = new SqliteResultStore(File);

        var error = await Assert.ThrowsAsync<StoreRefusedException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains("0999_from_the_future.sql", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_OfAnotherProgramsDatabase_IsRefusedAndLeavesItAlone()
    {
        await using (var other = Connect())
            Execute(other, "create table bookmarks (url text)");
        await using var store = new SqliteResultStore(File);

        var error = await Assert.ThrowsAsync<StoreRefusedException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains("another program", error.Message, StringComparison.Ordinal);
        await using var after = Connect();
        Assert.Equal(1L, Execute(after, "select count(*) from sqlite_master"));
    }

    [Fact]
    public async Task Initialize_ManyAtOnce_MigrateOnce()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => new SqliteResultStore(File)).ToList();

        await Task.WhenAll(stores.Select(store => Task.Run(() => store.InitializeAsync(Cancelled), Cancelled)));
        await stores[0].AddMonitorAsync("a", Cancelled);

        foreach (var store in stores)
        {
            Assert.Single(await store.ReadMonitorsAsync(Cancelled));
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task AppendChecks_RefusedByTheSchema_ShowsTheErrorAndStoresNothing()
    {
        await using var store = await OpenWithMonitorAsync();
        await using (var other = Connect())
            Execute(other, "create trigger refuse before update on counters begin select raise(abort, 'x'); end");

        await Assert.ThrowsAsync<SqliteException>(() => store.AppendChecksAsync([Check(1, Start)], Cancelled));
        Assert.Empty(await store.ReadChecksAsync(new CheckQuery(1, 1), Cancelled));
    }

    [Theory]
    [InlineData(3)] // perm
    [InlineData(5)] // busy
    [InlineData(6)] // locked
    [InlineData(8)] // read-only
    [InlineData(10)] // I/O
    [InlineData(13)] // full
    [InlineData(14)] // cannot open
    public void Translate_WhatPasses_IsUnavailableAndNamesTheFile(int code) =>
        Assert.Contains(
            "/x/health.db",
            Assert.IsType<StoreUnavailableException>(SqliteErrors.Translate(new SqliteException("m", code), "/x/health.db")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(1)] // a wrong statement
    [InlineData(19)] // a broken constraint
    [InlineData(21)] // misuse
    public void Translate_ABug_IsLeftAsItIs(int code) => Assert.Null(SqliteErrors.Translate(new SqliteException("m", code), "/x/health.db"));

    private async Task<SqliteResultStore> OpenWithMonitorAsync()
    {
        var store = new SqliteResultStore(File, ShortBusyTimeout);
        await store.AddMonitorAsync("a", Cancelled);
        return store;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
