namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// How much one session, or all of them together, may have on its way to the store: past it, nothing more is read until something of it is acknowledged.
/// Thread-safe.
/// </summary>
/// <param name="maxResults">Results.</param>
/// <param name="maxBatches">Batches.</param>
internal sealed class ResultQuota(int maxResults, int maxBatches)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _results;
    private int _batches;

    /// <summary>One session's.</summary>
    public static ResultQuota OfSession() => new(20_000, 4_096);

    /// <summary>That of all sessions: as much as is held while the store is away, some hundred MiB.</summary>
    public static ResultQuota OfAll() => new(500_000, 100_000);

    /// <summary>Waits until there is room for more. A batch alone is always let in, however large.</summary>
    public async ValueTask EnterAsync(int results, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_batches == 0 || (_results + results <= maxResults && _batches < maxBatches))
                {
                    _results += results;
                    _batches++;
                    return;
                }
                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A batch is acknowledged.</summary>
    public void Leave(int results)
    {
        lock (_gate)
        {
            _results -= results;
            _batches--;
            _room?.TrySetResult();
            _room = null;
        }
    }
}
