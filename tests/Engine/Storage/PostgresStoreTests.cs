using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Postgres;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>What only the Postgres driver has: partitions, the leader's epoch, the place of a row in the order of transactions.</summary>
public sealed class PostgresStoreTests(PostgresPlace place) : IClassFixture<PostgresPlace>, IAsyncLifetime
{
    private const long Day = 86_400_000;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Start)); // 2026-09-21 14:13
    private PostgresResultStore _store = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await place.EmptyAsync();
        _store = Open();
        await _store.AddMonitorAsync("a", Cancelled);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task AppendChecks_FirstOfADay_MakesItsPartitionAndTheDaysAhead()
    {
        await _store.AppendChecksAsync([Check(1, Start - 10 * Day)], Cancelled);

        Assert.Equal("checks_20260911 checks_20260921 checks_20260922 checks_20260923", await PartitionsAsync());
    }

    [Fact]
    public async Task DeleteBefore_AsDaysPass_MakesTheDaysAheadAndDropsTheOld()
    {
        await _store.AppendChecksAsync([Check(1, Start), Check(1, Start + Day)], Cancelled);
        _time.Advance(TimeSpan.FromDays(3));

        Assert.Equal(1, await _store.DeleteBeforeAsync(Start - Start % Day + Day, Cancelled));

        Assert.Equal("checks_20260922 checks_20260923 checks_20260924 checks_20260925 checks_20260926", await PartitionsAsync());
    }

    [Fact]
    public async Task AppendChecks_ForADayThatAnotherProcessDropped_MakesItAgain()
    {
        await _store.AppendChecksAsync([Check(1, Start), Check(1, Start - 20 * Day)], Cancelled);
        await using var other = Open();
        await other.DeleteBeforeAsync(Start - 10 * Day, Cancelled);

        Assert.NotEqual(0, Assert.Single(await _store.AppendChecksAsync([Check(1, Start - 20 * Day)], Cancelled)));
    }

    [Fact]
    public async Task DeleteBefore_WhileAReaderHoldsTheTable_WaitsForItInTurns()
    {
        await _store.AppendChecksAsync([Check(1, Start), Check(1, Start - 20 * Day)], Cancelled);
        await using var reader = new NpgsqlConnection(place.Url);
        await reader.OpenAsync(Cancelled);
        await using var transaction = await reader.BeginTransactionAsync(Cancelled);
        await using (var read = new NpgsqlCommand("select count(*) from checks", reader))
            await read.ExecuteScalarAsync(Cancelled);

        var deleting = _store.DeleteBeforeAsync(Start - 10 * Day, Cancelled);
        // Between two tries to drop, writers get through.
        Assert.NotEqual(0, Assert.Single(await _store.AppendChecksAsync([Check(1, Start + 1)], Cancelled)));
        await transaction.RollbackAsync(Cancelled);

        Assert.Equal(1, await deleting);
    }

    [Fact]
    public async Task RaiseLeaderEpoch_OfAnother_TakesTheRightToWriteAway()
    {
        await using var other = Open();
        Assert.Equal(0, _store.LeaderEpoch);
        Assert.Equal(1, await other.RaiseLeaderEpochAsync(Cancelled));

        var error = await Assert.ThrowsAsync<StoreFencedException>(() => _store.AppendChecksAsync([Check(1, Start)], Cancelled));
        Assert.Contains("leads", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreFencedException>(() => _store.AddMonitorAsync("b", Cancelled));
        await Assert.ThrowsAsync<StoreFencedException>(() => _store.SaveHealthAsync([new HealthMark(1, true, "Unhealthy", 1)], [], Cancelled));
        await Assert.ThrowsAsync<StoreFencedException>(() => _store.DeleteBeforeAsync(Start, Cancelled));
        Assert.False(await _store.IsAvailableAsync(Cancelled));
        Assert.Single(await _store.ReadMonitorsAsync(Cancelled));
        Assert.Empty(await other.ReadChecksAsync(new CheckQuery(1, 9), Cancelled));

        Assert.Equal([2], await other.SaveMonitorsAsync([NewMonitor("b")], Cancelled));
        Assert.Equal(2, await _store.RaiseLeaderEpochAsync(Cancelled));
        Assert.NotEqual(0, Assert.Single(await _store.AppendChecksAsync([Check(1, Start)], Cancelled)));
        await Assert.ThrowsAsync<StoreFencedException>(() => other.AddMonitorAsync("c", Cancelled));
    }

    [Fact]
    public async Task Initialize_ChecksThatHaveTheirTransaction_LoseItAndNothingElse()
    {
        await _store.AppendChecksAsync([Check(1, Start), Check(1, Start + 1)], Cancelled);
        await place.ExecuteAsync(
            "alter table checks add column stored_xid xid8 not null default pg_current_xact_id(); delete from healthtrack_schema where scriptname like '0007%'");
        await using var upgraded = new PostgresResultStore(new NpgsqlConnectionStringBuilder(place.Url), _time);
        // Into a day that has a partition from before, and into one that has none.
        await upgraded.AppendChecksAsync([Check(1, Start + 2), Check(1, Start - (long)TimeSpan.FromDays(3).TotalMilliseconds)], Cancelled);

        Assert.Equal(4, (await upgraded.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Count);
        Assert.Equal("0", await place.ExecuteAsync("select count(*)::text from pg_attribute where attname = 'stored_xid' and not attisdropped"));
    }

    [Fact]
    public async Task AppendChecks_BatchOfThousands_IsStoredWhole()
    {
        var checks = Enumerable.Range(0, 8000).Select(i => Check(1, Start + i, message: new string('m', i % 1500))).ToList();

        var ids = await _store.AppendChecksAsync(checks, Cancelled);

        Assert.Equal(Enumerable.Range(1, 8000).Select(i => (long)i), ids);
        Assert.Equal(8000, (await _store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Count);
        Assert.All(await _store.AppendChecksAsync(checks, Cancelled), id => Assert.Equal(0, id));
    }

    [Fact]
    public async Task Reads_ManyMoreThanConnections_WaitForTheirTurn()
    {
        await using var store = new PostgresResultStore(new NpgsqlConnectionStringBuilder(place.Url) { MaxPoolSize = 1, Timeout = 1 }, _time);

        var reads = Enumerable.Range(0, 200).Select(_ => store.ReadMonitorsAsync(Cancelled));
        var writes = Enumerable.Range(0, 20).Select(i => store.AppendChecksAsync([Check(1, Start + i)], Cancelled));

        Assert.All(await Task.WhenAll(reads), monitors => Assert.Single(monitors));
        Assert.All(await Task.WhenAll(writes), ids => Assert.NotEqual(0, Assert.Single(ids)));
    }

    [Fact]
    public async Task AnyCall_WithSeveralHosts_FindsTheOneThatAnswers()
    {
        var settings = place.Settings;
        settings.Host = $"127.0.0.1:1,{settings.Host}:{settings.Port}";
        settings.TargetSessionAttributes = "primary";
        await using var store = new PostgresResultStore(settings, _time);

        Assert.NotEqual(0, Assert.Single(await store.AppendChecksAsync([Check(1, Start)], Cancelled)));
    }

    private PostgresResultStore Open() => new(place.Settings, _time);

    private Task<object?> PartitionsAsync() => place.ExecuteAsync(
        "select string_agg(inhrelid::regclass::text, ' ' order by inhrelid::regclass::text) from pg_inherits where inhparent = 'checks'::regclass");
}
