using HealthTrack.Dashboard.Api;
using Microsoft.AspNetCore.Components;

namespace HealthTrack.Dashboard.Ui;

/// <summary>
/// A component that follows the fleet while it is on screen: rendered at most four times a second however many events arrive, and at
/// least every <see cref="Longest"/>, so that "12 s ago" goes on.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan BetweenRenders = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _gone = new();
    private Task _watching = Task.CompletedTask;

    [Inject]
    private Fleet Fleet { get; set; } = null!;

    /// <summary>The clock that times are shown against.</summary>
    [Inject]
    protected TimeProvider Time { get; private set; } = null!;

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>How long it is left as it is while nothing happens.</summary>
    protected virtual TimeSpan Longest => TimeSpan.FromSeconds(5);

    /// <summary>Takes up what the fleet has become; called on the renderer's thread before each render.</summary>
    protected abstract void Refresh();

    /// <summary>Reads from the API what is due to be read again; called before <see cref="Refresh"/>, once a browser is there. The component is not rendered while it lasts.</summary>
    protected virtual Task CatchUpAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected override void OnInitialized() => Refresh();

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        // Not before: a prerendered component is thrown away and must start nothing.
        if (firstRender)
            _watching = WatchAsync(Fleet.Status().Version - 1);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _watching;
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task WatchAsync(long seen)
    {
        try
        {
            var change = Fleet.ChangedAsync(seen, Gone);
            while (true)
            {
                await change.WaitAsync(Longest, Time, Gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Gone.ThrowIfCancellationRequested();
                if (change.IsCompleted)
                    change = Fleet.ChangedAsync(Fleet.Status().Version, Gone);
                await InvokeAsync(async () =>
                {
                    await CatchUpAsync();
                    Refresh();
                    StateHasChanged();
                });
                await Task.Delay(BetweenRenders, Time, Gone);
            }
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // The component went.
        }
    }
}
