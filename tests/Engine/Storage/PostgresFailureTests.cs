using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Postgres;
using Npgsql;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>What goes wrong with a database, and how the store comes back from it.</summary>
public sealed class PostgresFailureTests(PostgresPlace place) : IClassFixture<PostgresPlace>, IAsyncLifetime
{
    private const string Secret = "hunter2";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await place.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Initialize_WrongPassword_IsRefusedWithoutIt() =>
        await RefusedAsync(settings => settings.Password = Secret, "password");

    [Fact]
    public async Task Initialize_UnknownUser_IsRefused() => await RefusedAsync(settings => settings.Username = "nobody-at-all", "user");

    [Fact]
    public async Task Initialize_UnknownDatabase_IsRefused() => await RefusedAsync(settings => settings.Database = "no_such_database", "no such database");

    [Fact]
    public async Task Initialize_NoSchemaToWriteTo_IsRefused() => await RefusedAsync(settings => settings.SearchPath = "nowhere", "schema");

    [Fact]
    public async Task Initialize_UnknownHost_IsUnavailableWithoutThePassword()
    {
        await using var store = Open(settings =>
        {
            settings.Host = "db.invalid";
            settings.Password = Secret;
        });

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains("db.invalid:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        Assert.False(await store.IsAvailableAsync(Cancelled));
    }

    [Fact]
    public async Task Initialize_NothingListens_IsUnavailable()
    {
        await using var store = Open(settings => settings.Port = 1);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains("nothing listens there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_ManyAtOnce_MigrateOnce()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => Open()).ToList();

        await Task.WhenAll(stores.Select(store => store.InitializeAsync(Cancelled)));
        await stores[0].AddMonitorAsync("a", Cancelled);

        foreach (var store in stores)
        {
            Assert.Single(await store.ReadMonitorsAsync(Cancelled));
            await store.DisposeAsync();
        }

        var migrations = typeof(IResultStore).Assembly.GetManifestResourceNames().LongCount(name => name.StartsWith("migrations/postgres/", StringComparison.Ordinal));
        Assert.Equal(migrations, await place.ExecuteAsync("select count(*) from healthtrack_schema"));
    }

    [Fact]
    public async Task Initialize_OfANewerVersionsDatabase_IsRefused()
    {
        await (await OpenWithMonitorAsync()).DisposeAsync();
        await place.ExecuteAsync("insert into healthtrack_schema (scriptname, applied) values ('0999_from_the_future.sql', now())");

        await RefusedAsync(_ => { }, "newer version of HealthTrack (it has 0999_from_the_future.sql)");
    }

    [Fact]
    public async Task Initialize_WhereAnotherProgramHasSuchTables_IsRefusedAndLeavesThemAlone()
    {
        await place.ExecuteAsync("create table monitors (screen text)");

        await RefusedAsync(_ => { }, "another program");

        Assert.Equal(1L, await place.ExecuteAsync("select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task Initialize_BesideTablesOfOtherNames_Works()
    {
        await place.ExecuteAsync("create table bookmarks (url text)");

        await using var store = await OpenWithMonitorAsync();
    }

    [Fact]
    public async Task Initialize_WithoutTheRightToCreate_IsRefused()
    {
        await using var role = await RoleAsync("");

        await RefusedAsync(role.Apply, "right is missing");
    }

    [Fact]
    public async Task AnyCall_WhileAllConnectionsAreTaken_IsUnavailableThenWorks()
    {
        await using (var owner = await OpenWithMonitorAsync())
            await owner.InitializeAsync(Cancelled);
        await using var role = await RoleAsync("connection limit 2");
        await place.ExecuteAsync($"grant all on all tables in schema public to {role.Name}");
        await using var store = Open(role.Apply);
        Assert.Single(await store.ReadMonitorsAsync(Cancelled));

        await place.ExecuteAsync($"alter role {role.Name} connection limit 0");
        await TerminateAsync();
        var error = await UntilUnavailableAsync(() => store.ReadMonitorsAsync(Cancelled), "no connection left");
        Assert.DoesNotContain(Role.Password, error.ToString(), StringComparison.Ordinal);

        await place.ExecuteAsync($"alter role {role.Name} connection limit 2");
        Assert.Single(await store.ReadMonitorsAsync(Cancelled));
    }

    [Fact]
    public async Task AppendChecks_WhileReadOnly_IsUnavailableThenWorks()
    {
        await using var store = await OpenWithMonitorAsync();
        await place.ExecuteAsync("do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$");
        await TerminateAsync();

        await UntilUnavailableAsync(() => store.AppendChecksAsync([Check(1, Start)], Cancelled), "only be read");
        Assert.False(await store.IsAvailableAsync(Cancelled)); // though it can be read
        Assert.Single(await store.ReadMonitorsAsync(Cancelled));

        await place.ExecuteAsync("set transaction read write; do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$");
        await TerminateAsync();
        await Eventually.True(() => store.IsAvailableAsync(Cancelled).GetAwaiter().GetResult(), "writable again", Cancelled);
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start)], Cancelled)));
    }

    [Fact]
    public async Task AppendChecks_ConnectionsCutByAnAdministrator_FailsAtMostOnce()
    {
        await using var store = await OpenWithMonitorAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => store.ReadMonitorsAsync(Cancelled))); // several in the pool
        await TerminateAsync();

        var failures = 0;
        for (var i = 0; i < 5; i++)
        {
            try
            {
                await store.AppendChecksAsync([Check(1, Start + i)], Cancelled);
            }
            catch (StoreUnavailableException)
            {
                failures++;
            }
        }

        Assert.InRange(failures, 0, 1);
    }

    [Fact]
    public async Task AppendChecks_DiskFull_IsUnavailableThenWorks()
    {
        await using var store = await OpenWithMonitorAsync();
        await place.ExecuteAsync("create function refuse() returns trigger language plpgsql as $$ begin raise exception sqlstate '53100' using message = 'no space'; end $$");
        await place.ExecuteAsync("create trigger refuse before update on counters execute function refuse()");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendChecksAsync([Check(1, Start)], Cancelled));

        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.False(await store.IsAvailableAsync(Cancelled));
        await place.ExecuteAsync("drop trigger refuse on counters");
        Assert.True(await store.IsAvailableAsync(Cancelled));
        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start)], Cancelled)));
    }

    [Theory]
    [InlineData("53100")] // disk full
    [InlineData("53200")] // out of memory
    [InlineData("53300")] // too many connections
    [InlineData("57P01")] // admin shutdown
    [InlineData("57P02")] // crash shutdown
    [InlineData("57P03")] // starting up
    [InlineData("57014")] // cancelled by an administrator or statement_timeout
    [InlineData("25006")] // read-only
    [InlineData("25P03")] // idle in transaction
    [InlineData("40P01")] // deadlock
    [InlineData("55P03")] // lock time-out
    [InlineData("58030")] // I/O
    [InlineData("08006")] // connection failure
    [InlineData("42P01")] // a table is gone: a backup is being put back
    public void Translate_WhatPasses_IsUnavailableAndNamesTheDatabase(string state) =>
        Assert.Contains("db:5432/x", Assert.IsType<StoreUnavailableException>(Translate(state, wasOpen: false)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("28P01")] // wrong password
    [InlineData("28000")] // not let in
    [InlineData("3D000")] // no such database
    [InlineData("42501")] // a right is missing
    [InlineData("XX001")] // damaged
    public void Translate_WhatRefusesAStart_IsUnavailableOnceItHasWorked(string state)
    {
        Assert.IsType<StoreRefusedException>(Translate(state, wasOpen: false));
        Assert.IsType<StoreUnavailableException>(Translate(state, wasOpen: true));
    }

    [Theory]
    [InlineData("42601")] // a wrong statement
    [InlineData("23505")] // a broken constraint
    [InlineData("22021")] // bytes that are no text
    public void Translate_ABug_IsLeftAsItIs(string state) => Assert.Null(Translate(state, wasOpen: true));

    private static Exception? Translate(string state, bool wasOpen) =>
        PostgresErrors.Translate(new PostgresException("m", "ERROR", "ERROR", state), "db:5432/x", wasOpen);

    private PostgresResultStore Open(Action<NpgsqlConnectionStringBuilder>? change = null)
    {
        var settings = place.Settings;
        change?.Invoke(settings);
        return new PostgresResultStore(settings, TimeProvider.System);
    }

    private async Task<PostgresResultStore> OpenWithMonitorAsync()
    {
        var store = Open();
        await store.AddMonitorAsync("a", Cancelled);
        return store;
    }

    private async Task RefusedAsync(Action<NpgsqlConnectionStringBuilder> change, string part)
    {
        await using var store = Open(change);

        var error = await Assert.ThrowsAsync<StoreRefusedException>(() => store.InitializeAsync(Cancelled));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        Assert.False(await store.IsAvailableAsync(Cancelled));
    }

    // The connection that was cut says so first; the next one meets the reason.
    private static async Task<Exception> UntilUnavailableAsync(Func<Task> call, string part)
    {
        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            if (error.Message.Contains(part, StringComparison.Ordinal))
                return error;
        }

        throw new InvalidOperationException($"Never unavailable because of: {part}");
    }

    private Task<object?> TerminateAsync() => place.ExecuteAsync(
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

    private async Task<Role> RoleAsync(string attributes)
    {
        var role = new Role($"role_{Guid.NewGuid():N}", place);
        await place.ExecuteAsync($"create role {role.Name} login password '{Role.Password}' {attributes}");
        return role;
    }

    private sealed class Role(string name, PostgresPlace place) : IAsyncDisposable
    {
        public const string Password = "swordfish";

        public string Name => name;

        public void Apply(NpgsqlConnectionStringBuilder settings)
        {
            settings.Username = name;
            settings.Password = Password;
        }

        public async ValueTask DisposeAsync() => await place.ExecuteAsync($"drop owned by {name}; drop role {name}");
    }
}
