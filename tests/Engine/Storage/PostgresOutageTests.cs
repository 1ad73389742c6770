using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Postgres;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>A real server that goes away in the middle and comes back.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private const int BatchSize = 100;
    private PostgresInstance _server = null!;
    private PostgresResultStore _store = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresInstance.StartNewAsync(Cancelled);
        _store = new PostgresResultStore(PostgresServer.Settings(_server), TimeProvider.System);
        await _store.AddMonitorAsync("a", Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public Task AppendChecks_ServerStoppedAndStarted_GoesOnByItself() => OutageAsync(() => _server.StopAsync(Cancelled));

    [Fact]
    public Task AppendChecks_ServerKilled_LosesNothingAcknowledged() => OutageAsync(() => _server.KillAsync(Cancelled));

    // A writer as the pipeline is one: it holds a batch until the store takes it.
    private async Task OutageAsync(Func<Task> takeAway)
    {
        var acknowledged = 0;
        var failures = 0;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var writing = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    var from = Start + acknowledged;
                    try
                    {
                        await _store.AppendChecksAsync([.. Enumerable.Range(0, BatchSize).Select(i => Check(1, from + i))], Cancelled);
                        Interlocked.Add(ref acknowledged, BatchSize);
                    }
                    catch (StoreUnavailableException)
                    {
                        Interlocked.Increment(ref failures);
                        await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled);
                    }
                }
            },
            Cancelled);
        await Eventually.True(() => Volatile.Read(ref acknowledged) > 5 * BatchSize, "batches before", Cancelled);

        await takeAway();
        var failed = Volatile.Read(ref failures);
        await Eventually.True(() => Volatile.Read(ref failures) > failed, "the outage to be seen", Cancelled);
        Assert.False(await _store.IsAvailableAsync(Cancelled));
        await _server.StartAsync(Cancelled);
        var before = Volatile.Read(ref acknowledged);
        await Eventually.True(() => Volatile.Read(ref acknowledged) > before + 5 * BatchSize, "batches after", Cancelled);
        await enough.CancelAsync();
        await writing;

        Assert.True(await _store.IsAvailableAsync(Cancelled));
        var samples = await _store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled);
        Assert.Equal(Enumerable.Range(0, acknowledged).Select(i => Start + i), samples.Select(sample => sample.DueTime));
    }
}
