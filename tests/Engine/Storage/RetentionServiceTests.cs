using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Sqlite;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

public sealed class RetentionServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Fleet _fleet = new();
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

    [Theory]
    [InlineData("1d", 1)]
    [InlineData("24h", 1)]
    [InlineData("30d", 30)]
    [InlineData("3650d", 3650)]
    [InlineData(RetentionOptions.Default, 14)]
    public void Read_ADurationWithinBounds_IsTaken(string text, int days) => Assert.Equal(TimeSpan.FromDays(days), RetentionOptions.Read(text).Checks);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("23h59m")]
    [InlineData("3650d1s")]
    [InlineData("30")]
    [InlineData("-30d")]
    [InlineData("a month")]
    public void Read_AnythingElse_NamesTheFlagTheValueAndWhatWouldBeRight(string text) => Assert.Equal(
        $"--retention must be how long checks are kept, from 1d to 3650d, such as 30d; it is '{text}'.", Assert.Throws<FormatException>(() => RetentionOptions.Read(text)).Message);

    [Fact]
    public async Task Execute_WithAnotherRetention_KeepsChecksForThatLong()
    {
        await using var store = new SqliteResultStore(_folder.File("x.db"));
        await store.AddMonitorAsync("a", Cancelled);
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        await store.AppendChecksAsync([Check(1, Start - 32 * day), Check(1, Start - 29 * day)], Cancelled);
        using var retention = Service(store, RetentionOptions.Read("30d").Checks);

        await retention.StartAsync(Cancelled);
        await PassUntil(() => retention.Deleted == 1, TimeSpan.FromMinutes(1));
        await retention.StopAsync(Cancelled);

        Assert.Equal(Start - 29 * day, Assert.Single(await store.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Result.DueTime);
    }

    [Fact]
    public async Task Execute_WindowLongerThanTheRetention_KeepsItsChecks()
    {
        await using var store = new SqliteResultStore(_folder.File("x.db"));
        await store.SaveMonitorsAsync([NewMonitor("long"), NewMonitor("short")], Cancelled);
        foreach (var (id, name, window) in new[] { (1, "long", 30), (2, "short", 1) })
        {
            var monitor = States.Monitor(name);
            monitor = monitor with { Spec = monitor.Spec with { Window = TimeSpan.FromDays(window) } };
            _fleet.Add(States.State(id, monitor, Start));
        }
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        await store.AppendChecksAsync([.. new[] { 33, 29, 13 }.SelectMany(days => new[] { Check(1, Start - days * day), Check(2, Start - days * day) })], Cancelled);
        using var retention = Service(store);

        await retention.StartAsync(Cancelled);
        await PassUntil(() => retention.Deleted >= 3, TimeSpan.FromMinutes(1));
        await retention.StopAsync(Cancelled);

        Assert.Equal(
            [Start - 29 * day, Start - 13 * day], (await store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Select(sample => sample.DueTime));
        Assert.Equal(Start - 13 * day, Assert.Single(await store.ReadSamplesAsync(2, 0, long.MaxValue, Cancelled)).DueTime);
    }

    [Fact]
    public async Task Execute_BeforeTheMonitorsAreKnown_DeletesNothing()
    {
        await using var store = new SqliteResultStore(_folder.File("x.db"));
        await store.AddMonitorAsync("a", Cancelled);
        await store.AppendChecksAsync([Check(1, 0)], Cancelled);
        var intake = new IntakeProgress();
        using var retention = Service(store, intake: intake);

        await retention.StartAsync(Cancelled);
        for (var i = 0; i < 5; i++)
            _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, retention.Deleted);
        intake.Synced();
        await PassUntil(() => retention.Deleted == 1, TimeSpan.FromMinutes(30));
        await retention.StopAsync(Cancelled);
    }

    private RetentionService Service(IResultStore store, TimeSpan? keep = null, IntakeProgress? intake = null) =>
        new(store, _fleet, intake ?? Synced(), keep is { } checks ? new RetentionOptions { Checks = checks } : new RetentionOptions(), _time, NullLogger<RetentionService>.Instance);

    private static IntakeProgress Synced()
    {
        var intake = new IntakeProgress();
        intake.Synced();
        return intake;
    }

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
