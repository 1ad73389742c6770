using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Spooling;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Link;

/// <summary>
/// Results on their way to the control plane: gathered into numbered batches, kept until acknowledged, sent again under the same number
/// and with the same content after a reconnect, or after a restart where there is a spool. Bounded: what is more than memory takes is in the spool alone, and
/// what is more than both is dropped, oldest first, and counted.
/// </summary>
internal sealed class ResultOutbox
{
    /// <summary>Results in a full batch.</summary>
    public const int BatchSize = 1000;

    // A spool notes what was given out twice a second: a run that was killed may have used a few numbers more.
    private const long NumbersNotNoted = 10_000;

    // Writes to the spool for which a batch behind others gathers: an hour without a control plane leaves few batches, not two a second.
    private const int WritesToGather = 4;

    private readonly int _capacity;
    private readonly ResultSpool? _spool;
    private readonly ProbeMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly LinkedList<WaitingBatch> _waiting = new();
    private LinkedListNode<WaitingBatch>? _toSend;
    private LinkedListNode<WaitingBatch>? _toSpool;
    private List<CheckResult> _open = [];
    private TaskCompletionSource _arrived = New();
    private TaskCompletionSource? _emptied;
    private long _sequence;
    private long _acknowledged;
    private int _count;
    private int _inMemory;
    private int _gathered;
    private long _dropped;

    /// <param name="capacity">Results that memory keeps.</param>
    /// <param name="spool">Where the others go, and what an earlier run left; null for none.</param>
    /// <param name="metrics">Counts what is dropped.</param>
    /// <param name="logger">Says what is dropped.</param>
    public ResultOutbox(int capacity, ResultSpool? spool, ProbeMetrics metrics, ILogger<ResultOutbox> logger)
    {
        (_capacity, _spool, _metrics, _logger) = (capacity, spool, metrics, logger);
        if (spool is not { LastSequence: > 0 })
            return;
        _sequence = spool.LastSequence + NumbersNotNoted;
        foreach (var batch in spool.Recovered)
        {
            _waiting.AddLast(new WaitingBatch(batch.Sequence, batch.Count) { At = batch.At });
            _count += batch.Count;
        }
        _toSend = _waiting.First;
    }

    /// <summary>Results that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Results that wait and are in the spool alone.</summary>
    public int Spooled => Math.Max(0, Volatile.Read(ref _count) - Volatile.Read(ref _inMemory));

    /// <summary>Results dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The number of the newest batch; 0 before the first.</summary>
    public long LastSequence => Interlocked.Read(ref _sequence);

    public void Add(CheckResult result)
    {
        int overflow;
        lock (_gate)
        {
            _open.Add(result);
            _count++;
            _inMemory++;
            if (_open.Count >= BatchSize)
                Seal();
            overflow = Shrink();
            _arrived.TrySetResult();
        }
        Drop(overflow);
    }

    /// <summary>A new connection: what was sent on the old one and never acknowledged is to be sent again, first.</summary>
    public void Rewind()
    {
        lock (_gate)
        {
            _toSend = _waiting.First;
            if (_toSend is not null)
                _arrived.TrySetResult();
        }
    }

    /// <summary>Ends when there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_toSend is not null || _open.Count > 0)
                return Task.CompletedTask;
            if (_arrived.Task.IsCompleted)
                _arrived = New();
            return _arrived.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether a batch waits to be sent: there is nothing to gather for.</summary>
    public bool HasMuchToSend
    {
        get
        {
            lock (_gate)
                return _toSend is not null;
        }
    }

    /// <summary>The next batch to send, with what has gathered so far; null where there is none. It counts as sent.</summary>
    /// <exception cref="SpoolUnreadableException">It is in the spool, whose disk cannot be read now: it is the next one still.</exception>
    public ResultBatch? Take()
    {
        while (true)
        {
            LinkedListNode<WaitingBatch> node;
            SpoolPosition at;
            lock (_gate)
            {
                if (_toSend is null && _open.Count > 0)
                    Seal();
                if (_toSend is null)
                    return null;
                node = _toSend;
                _toSend = node.Next;
                if (node.Value.Batch is { } batch)
                    return batch;
                at = node.Value.At!.Value;
            }
            // Outside of the lock: checks that end must not wait for a disk.
            try
            {
                if (_spool!.Read(at) is { } spooled && spooled.Sequence == node.Value.Sequence)
                    return spooled;
            }
            catch (SpoolUnreadableException)
            {
                lock (_gate)
                    if (node.List is not null && !(_toSend?.Value.Sequence < node.Value.Sequence))
                        _toSend = node;
                throw;
            }
            int lost;
            lock (_gate)
                lost = Remove(node);
            Drop(lost);
        }
    }

    /// <summary>Forgets what is stored.</summary>
    public void Acknowledge(long upTo)
    {
        lock (_gate)
        {
            // No more than there is: the number lives on in the spool.
            upTo = Math.Min(upTo, _sequence);
            _acknowledged = Math.Max(_acknowledged, upTo);
            while (_waiting.First is { } first && first.Value.Sequence <= upTo)
                Remove(first);
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

    /// <summary>Writes what waits into the spool, and notes what is acknowledged. One caller at a time.</summary>
    /// <param name="everything">Also what gathers yet behind batches that wait to be sent.</param>
    /// <exception cref="IOException">The spool cannot be written; what was not written stays in memory.</exception>
    public void WriteToSpool(bool everything = false)
    {
        if (_spool is null)
            return;
        lock (_gate)
            if (everything || _toSend is null || ++_gathered >= WritesToGather)
                Seal();
        while (NextToSpool() is var (node, batch))
        {
            var at = _spool.Append(batch);
            int overflow;
            lock (_gate)
            {
                // It may be acknowledged or dropped by now; its record goes with the next acknowledgement.
                if (node.List is not null)
                    (node.Value.At, _toSpool) = (at, node.Next);
                overflow = Shrink();
            }
            Drop(overflow);
            foreach (var segment in _spool.TakeOverflow())
                Drop(Forget(segment));
        }
        if (Interlocked.Read(ref _acknowledged) is > 0 and var acknowledged)
            _spool.Acknowledge(acknowledged);
    }

    private (LinkedListNode<WaitingBatch> Node, ResultBatch Batch)? NextToSpool()
    {
        lock (_gate)
            return _toSpool is { } node ? (node, node.Value.Batch!) : null;
    }

    // A file of the spool is gone. What memory has of it is sent all the same.
    private int Forget(long segment)
    {
        var lost = 0;
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null && !(node.Value.At?.Segment > segment);)
            {
                var next = node.Next;
                if (node.Value.Batch is null)
                    lost += Remove(node);
                else if (node.Value.At is not null)
                    node.Value.At = null;
                node = next;
            }
        }
        return lost;
    }

    // Back to what memory may keep: first what the spool has too, then, dropped, the oldest.
    private int Shrink()
    {
        for (var node = _waiting.Last; node is not null && _inMemory > _capacity; node = node.Previous)
        {
            if (node.Value is not { At: not null, Batch: not null })
                continue;
            node.Value.Batch = null;
            _inMemory -= node.Value.Count;
        }
        var dropped = 0;
        for (var node = _waiting.First; node is not null && _inMemory > _capacity;)
        {
            // The whole batch: a resend has the content that it had.
            var next = node.Next;
            if (node.Value.Batch is not null)
                dropped += Remove(node);
            node = next;
        }
        return dropped;
    }

    private int Remove(LinkedListNode<WaitingBatch> node)
    {
        if (node.List is null)
            return 0;
        if (node == _toSend)
            _toSend = node.Next;
        if (node == _toSpool)
            _toSpool = node.Next;
        _waiting.Remove(node);
        _count -= node.Value.Count;
        if (node.Value.Batch is not null)
            _inMemory -= node.Value.Count;
        return node.Value.Count;
    }

    private void Drop(int count)
    {
        if (count == 0)
            return;
        Interlocked.Add(ref _dropped, count);
        _metrics.Dropped(count);
        Log.Dropped(_logger, count);
    }

    private void Seal()
    {
        if (_open.Count == 0)
            return;
        var node = _waiting.AddLast(new WaitingBatch(++_sequence, _open.Count) { Batch = new ResultBatch(_sequence, _open) });
        _toSend ??= node;
        _toSpool ??= _spool is null ? null : node;
        (_open, _gathered) = ([], 0);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
