namespace HealthTrack.Probe.Link;

/// <summary>
/// A worker that is to stop while its checks are still its own: it says so on its connection, and on each that it makes from then on, and goes on
/// checking until it is told that others have taken over.
/// </summary>
internal sealed class HandOver : IDisposable
{
    private readonly CancellationTokenSource _begun = new();
    private readonly TaskCompletionSource<string> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled once the worker is leaving.</summary>
    public CancellationToken Begun => _begun.Token;

    /// <summary>The worker is leaving.</summary>
    public Task BeginAsync() => _begun.CancelAsync();

    /// <summary>The control plane says that it may stop. What is said to a worker that is not leaving is not for it.</summary>
    public void End(string reason)
    {
        if (_begun.IsCancellationRequested)
            _drained.TrySetResult(reason);
    }

    /// <summary>Ends with the control plane's word, or with <paramref name="linkEnded"/>.</summary>
    /// <returns>False where the limit came first.</returns>
    public async Task<bool> WaitAsync(Task linkEnded, TimeSpan limit, TimeProvider time)
    {
        try
        {
            await Task.WhenAny(_drained.Task, linkEnded).WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => _begun.Dispose();
}
