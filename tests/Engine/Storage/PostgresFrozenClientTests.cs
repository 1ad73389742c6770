using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Postgres;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>A process that is frozen in the middle of its work, and the others on the same database.</summary>
public sealed class PostgresFrozenClientTests(PostgresPlace place) : IClassFixture<PostgresPlace>, IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await place.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task AppendChecks_AClientFrozenInsideItsCopy_HoldsUpNobodyWithTheSameNames()
    {
        await using var frozen = await OpenAsync();
        await using var other = new PostgresResultStore(place.Settings, TimeProvider.System);
        using var batch = new FreezingBatch([.. Enumerable.Range(0, 10).Select(i => Check(1, Start + i, location: "a-new-place"))]);
        var stalled = Task.Run(() => frozen.AppendChecksAsync(batch, Cancelled), Cancelled);
        await Eventually.True(() => batch.IsFrozen, "it is in the middle of its COPY", Cancelled);

        var ids = await other.AppendChecksAsync([Check(1, Start + 100, location: "a-new-place")], Cancelled).WaitAsync(TimeSpan.FromSeconds(10), Cancelled);

        Assert.NotEqual(0, Assert.Single(ids));
        batch.Thaw();
        Assert.Equal(10, (await stalled).Count(id => id != 0));
    }

    private async Task<PostgresResultStore> OpenAsync()
    {
        var store = new PostgresResultStore(place.Settings, TimeProvider.System);
        await store.AddMonitorAsync("a", Cancelled);
        return store;
    }

    /// <summary>Checks of which the sixth does not come when it is asked for by its place, as in a COPY.</summary>
    private sealed class FreezingBatch(NewCheck[] checks) : IReadOnlyList<NewCheck>, IDisposable
    {
        private readonly ManualResetEventSlim _thawed = new();
        private volatile bool _frozen;

        public bool IsFrozen => _frozen;

        public int Count => checks.Length;

        public NewCheck this[int index]
        {
            get
            {
                if (index == 5)
                {
                    _frozen = true;
                    _thawed.Wait();
                }
                return checks[index];
            }
        }

        public void Thaw() => _thawed.Set();

        public IEnumerator<NewCheck> GetEnumerator() => checks.AsEnumerable().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
            _thawed.Set();
            _thawed.Dispose();
        }
    }
}
