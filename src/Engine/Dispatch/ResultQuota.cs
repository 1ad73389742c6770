namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// How much one session may have on its way to the store: past it, the session is read no further until something of it is acknowledged. One waits at a
/// time, the session's reader.
/// </summary>
internal sealed class ResultQuota
{
    private const int Results = 20_000;
    private const int Batches = 4_096;

    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _results;
    private int _batches;

    /// <summary>Waits until there is room for more. A batch alone is always let in, however large.</summary>
    public async ValueTask EnterAsync(int results, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_batches == 0 || (_results + results <= Results && _batches < Batches))
                {
                    _results += results;
                    _batches++;
                    return;
                }
                room = (_room = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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
