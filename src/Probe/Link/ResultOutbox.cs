using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Link;

/// <summary>
/// Results on their way to the control plane: gathered into numbered batches, kept until acknowledged, sent again under the same number
/// and with the same content after a reconnect. Bounded: what overflows is dropped, oldest first, and counted. A spool file would take
/// what overflows here.
/// </summary>
internal sealed class ResultOutbox(int capacity, ProbeMetrics metrics, ILogger<ResultOutbox> logger)
{
    /// <summary>Results in a full batch.</summary>
    public const int BatchSize = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<ResultBatch> _sent = new();
    private Queue<ResultBatch> _unsent = new();
    private List<CheckResult> _open = [];
    private TaskCompletionSource _arrived = New();
    private TaskCompletionSource? _emptied;
    private long _sequence;
    private int _count;
    private long _dropped;

    /// <summary>Results that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Results dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(CheckResult result)
    {
        var overflow = 0;
        lock (_gate)
        {
            _open.Add(result);
            _count++;
            if (_open.Count >= BatchSize)
                Seal();
            while (_count > capacity && (_sent.TryDequeue(out var oldest) || _unsent.TryDequeue(out oldest)))
            {
                // The whole batch: a resend has the content that it had.
                _count -= oldest.Results.Count;
                overflow += oldest.Results.Count;
            }
            _dropped += overflow;
            _arrived.TrySetResult();
        }
        if (overflow == 0)
            return;
        metrics.Dropped(overflow);
        Log.Dropped(logger, overflow);
    }

    /// <summary>A new connection: what was sent on the old one and never acknowledged is to be sent again, first.</summary>
    public void Rewind()
    {
        lock (_gate)
        {
            if (_sent.Count == 0)
                return;
            _unsent = new Queue<ResultBatch>(_sent.Concat(_unsent));
            _sent.Clear();
            _arrived.TrySetResult();
        }
    }

    /// <summary>Ends when there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_unsent.Count > 0 || _open.Count > 0)
                return Task.CompletedTask;
            if (_arrived.Task.IsCompleted)
                _arrived = New();
            return _arrived.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The next batch to send, with what has gathered so far; null where there is none. It counts as sent.</summary>
    public ResultBatch? Take()
    {
        lock (_gate)
        {
            if (_unsent.Count == 0 && _open.Count > 0)
                Seal();
            if (!_unsent.TryDequeue(out var batch))
                return null;
            _sent.Enqueue(batch);
            return batch;
        }
    }

    /// <summary>Forgets what is stored.</summary>
    public void Acknowledge(long upTo)
    {
        lock (_gate)
        {
            Forget(_sent, upTo);
            // After a reconnect an acknowledgement may come before its batch was sent again.
            Forget(_unsent, upTo);
            if (_count == 0)
                _emptied?.TrySetResult();
        }
    }

    /// <summary>Ends when every result is acknowledged.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _emptied ??= New();
            return _emptied.Task;
        }
    }

    private void Forget(Queue<ResultBatch> batches, long upTo)
    {
        while (batches.TryPeek(out var batch) && batch.Sequence <= upTo)
            _count -= batches.Dequeue().Results.Count;
    }

    private void Seal()
    {
        _unsent.Enqueue(new ResultBatch(++_sequence, _open));
        _open = [];
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
