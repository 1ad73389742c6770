using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>
/// What every driver must do, by <see cref="IResultStore"/>'s docstrings. A second driver is a class derived from each of the contract's parts.
/// </summary>
/// <remarks>One empty place for a store a test.</remarks>
public abstract class ResultStoreContract : IAsyncLifetime
{
    private readonly List<IResultStore> _opened = [];

    /// <summary>The test's token.</summary>
    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The setting that names this test's place, as <see cref="ResultStores.Create"/> takes it.</summary>
    protected abstract string Url { get; }

    /// <summary>The store of most tests, opened.</summary>
    protected IResultStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await CreatePlaceAsync();
        Store = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in _opened)
            await store.DisposeAsync();
        await RemovePlaceAsync();
    }

    /// <summary>Makes the place that <see cref="Url"/> names, empty.</summary>
    protected abstract Task CreatePlaceAsync();

    /// <summary>Takes it away.</summary>
    protected abstract Task RemovePlaceAsync();

    /// <summary>Opens the place, as a second process would.</summary>
    protected async Task<IResultStore> OpenAsync()
    {
        var store = ResultStores.Create(Url, TimeProvider.System);
        _opened.Add(store);
        await store.InitializeAsync(Cancelled);
        return store;
    }

    /// <summary>Closes the store and opens it again.</summary>
    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }
}
