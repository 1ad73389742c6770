using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

public sealed class RetentionServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Start));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Execute_AsTimeGoesOn_DeletesWhatIsOlderThanTheRetention()
    {
        await using var store = new SqliteResultStore(_folder.File("x.db"));
        await store.AddMonitorAsync("a", Cancelled);
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        await store.AppendChecksAsync([Check(1, Start - 15 * day), Check(1, Start - 13 * day), Check(1, Start + 100 * day)], Cancelled);
        using var retention = Service(store);

        await retention.StartAsync(Cancelled);
        await PassUntil(() => retention.Deleted == 1, TimeSpan.FromMinutes(1));
        await PassUntil(() => retention.Deleted == 2, TimeSpan.FromMinutes(30));
        await retention.StopAsync(Cancelled);

        Assert.True(_time.GetUtcNow().ToUnixTimeMilliseconds() >= Start + day - day / 24);
        Assert.Equal(Start + 100 * day, Assert.Single(await store.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Result.DueTime);
        Assert.Equal(0, retention.Failures);
    }

    [Fact]
    public async Task Execute_WhileTheStoreIsAway_CountsAndGoesOn()
    {
        var blocked = _folder.File("data");
        await File.WriteAllTextAsync(blocked, "", Cancelled);
        await using var store = new SqliteResultStore(Path.Combine(blocked, "x.db"));
        using var retention = Service(store);

        await retention.StartAsync(Cancelled);
        await PassUntil(() => retention.Failures >= 2, TimeSpan.FromMinutes(30));
        File.Delete(blocked);
        await store.AddMonitorAsync("a", Cancelled);
        await store.AppendChecksAsync([Check(1, 0)], Cancelled);
        await PassUntil(() => retention.Deleted == 1, TimeSpan.FromMinutes(30));
        await retention.StopAsync(Cancelled);
    }

    [Fact]
    public void Constructor_RetentionNotPositive_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Service(new SqliteResultStore(_folder.File("x.db")), TimeSpan.Zero));

    private RetentionService Service(IResultStore store, TimeSpan? keep = null) =>
        new(store, keep is { } checks ? new RetentionOptions { Checks = checks } : new RetentionOptions(), _time, NullLogger<RetentionService>.Instance);

    private Task PassUntil(Func<bool> condition, TimeSpan step) => Eventually.True(
        () =>
        {
            if (condition())
                return true;
            _time.Advance(step);
            return false;
        },
        "a pass of the retention",
        Cancelled);
}
