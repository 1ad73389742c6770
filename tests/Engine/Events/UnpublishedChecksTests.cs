using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Events;

public sealed class UnpublishedChecksTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(Start);
    private static readonly DateTimeOffset Before = Now.AddDays(-14);
    private static readonly DateTimeOffset Latest = Now.AddDays(-28);

    private readonly TemporaryFolder _folder = new();
    private SqliteResultStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteResultStore(_folder.File("x.db"));
        await _store.AddMonitorAsync("a", Token);
        await _store.AppendChecksAsync([Check(1, At(-40)), Check(1, At(-30)), Check(1, At(-20)), Check(1, At(-1))], Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null, -14, 0)] // never enabled
    [InlineData(4, -14, 0)] // all are published
    [InlineData(3, -14, 0)] // one of yesterday waits
    [InlineData(2, -21, 0)] // one of 20 days ago waits, and what may have come a day late with it
    [InlineData(1, -28, 1)] // one of 30 days ago waits: too long
    [InlineData(0, -28, 2)]
    public async Task CutOff_ChecksWait_KeepsThemUpToTwiceTheirTime(int? cursor, int expectedDays, int lost)
    {
        if (cursor is { } position)
            await _store.Events.SaveCursorAsync(EventFeed.CursorOf(EventTopics.Checks), position, Token);
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var unpublished = new UnpublishedChecks(_store, new EventMetrics(registry), NullLogger<UnpublishedChecks>.Instance);

        var cutOff = await unpublished.CutOffAsync(Before, Latest, Token);
        Assert.Equal(Now.AddDays(expectedDays), cutOff.Before);
        await _store.DeleteBeforeAsync(cutOff.Before.ToUnixTimeMilliseconds(), new Dictionary<long, long>(), Token);
        await unpublished.CountLostAsync(cutOff, Token);
        Assert.Equal(lost, await LostAsync(registry));
        // An hour later nothing more has gone.
        await unpublished.CountLostAsync(await unpublished.CutOffAsync(Before, Latest, Token), Token);
        Assert.Equal(lost, await LostAsync(registry));
    }

    [Fact]
    public async Task CountLost_AWindowKeepsThem_CountsNone()
    {
        await _store.Events.SaveCursorAsync(EventFeed.CursorOf(EventTopics.Checks), 0, Token);
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var unpublished = new UnpublishedChecks(_store, new EventMetrics(registry), NullLogger<UnpublishedChecks>.Instance);
        var cutOff = await unpublished.CutOffAsync(Before, Latest, Token);
        await _store.DeleteBeforeAsync(cutOff.Before.ToUnixTimeMilliseconds(), new Dictionary<long, long> { [1] = At(-35) }, Token);
        await unpublished.CountLostAsync(cutOff, Token);
        Assert.Equal(1, await LostAsync(registry));
    }

    private static async Task<double> LostAsync(Prometheus.CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, Token);
        var line = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n').Single(l => l.StartsWith("healthtrack_events_lost_total ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static long At(int days) => Now.AddDays(days).ToUnixTimeMilliseconds();
}
