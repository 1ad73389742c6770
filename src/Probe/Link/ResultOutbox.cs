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

    private readonly Lock gate = new();
    private readonly Queue<ResultBatch> sent = new();
    private Queue<ResultBatch> unsent = new();
    private List<CheckResult> open = [];
    private TaskCompletionSource arrived = New();
    private TaskCompletionSource? emptied;
    private long sequence;
    private int count;
    private long dropped;

    /// <summary>Results that wait.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Results dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    public void Add(CheckResult result)
    {
        var overflow = 0;
        lock (gate)
        {
            open.Add(result);
            count++;
            if (open.Count >= BatchSize)
                Seal();
            while (count > capacity && (sent.TryDequeue(out var oldest) || unsent.TryDequeue(out oldest)))
            {
                // The whole batch: a resend has the content that it had.
                count -= oldest.Results.Count;
                overflow += oldest.Results.Count;
            }
            dropped += overflow;
            arrived.TrySetResult();
        }
        if (overflow == 0)
            return;
        metrics.Dropped(overflow);
        Log.Dropped(logger, overflow);
    }

    /// <summary>A new connection: what was sent on the old one and never acknowledged is to be sent again, first.</summary>
    public void Rewind()
    {
        lock (gate)
        {
            if (sent.Count == 0)
                return;
            unsent = new Queue<ResultBatch>(sent.Concat(unsent));
            sent.Clear();
            arrived.TrySetResult();
        }
    }

    /// <summary>Ends when there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (unsent.Count > 0 || open.Count > 0)
                return Task.CompletedTask;
            if (arrived.Task.IsCompleted)
                arrived = New();
            return arrived.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The next batch to send, with what has gathered so far; null where there is none. It counts as sent.</summary>
    public ResultBatch? Take()
    {
        lock (gate)
        {
            if (unsent.Count == 0 && open.Count > 0)
                Seal();
            if (!unsent.TryDequeue(out var batch))
                return null;
            sent.Enqueue(batch);
            return batch;
        }
    }

    /// <summary>Forgets what is stored.</summary>
    public void Acknowledge(long upTo)
    {
        lock (gate)
        {
            Forget(sent, upTo);
            // After a reconnect an acknowledgement may come before its batch was sent again.
            Forget(unsent, upTo);
            if (count == 0)
                emptied?.TrySetResult();
        }
    }

    /// <summary>Ends when every result is acknowledged.</summary>
    public Task WhenEmptyAsync()
    {
        lock (gate)
        {
            if (count == 0)
                return Task.CompletedTask;
            emptied ??= New();
            return emptied.Task;
        }
    }

    private void Forget(Queue<ResultBatch> batches, long upTo)
    {
        while (batches.TryPeek(out var batch) && batch.Sequence <= upTo)
            count -= batches.Dequeue().Results.Count;
    }

    private void Seal()
    {
        unsent.Enqueue(new ResultBatch(++sequence, open));
        open = [];
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
