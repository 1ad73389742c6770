using System.Threading.Channels;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Keys that wait for a worker. A key waits at most once, however often it is added; one that is added while a worker has it comes again when the
/// worker is done, and never to two workers at once. Nothing that was added is lost before <see cref="Stop"/>. Thread-safe.
/// </summary>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    // As many as there are keys in the two queues.
    private readonly Channel<bool> _ready = Channel.CreateUnbounded<bool>();
    private readonly Lock _gate = new();
    private readonly Queue<TKey> _first = new();
    private readonly Queue<TKey> _later = new();
    private readonly Dictionary<TKey, long> _waiting = []; // Ready or dirty, with the time of its first addition.
    private readonly Dictionary<TKey, long> _processing = []; // With the time it was taken.
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, long> _dueAt = [];
    private readonly PriorityQueue<TKey, long> _due = new();
    private readonly Backoff _backoff;
    private readonly QueueMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Func<TKey, bool> _canWait;
    private readonly ITimer _timer;
    private bool _stopped;

    /// <param name="backoff">Between the tries of a key that fails.</param>
    /// <param name="metrics">Told of everything.</param>
    /// <param name="time">The clock of all delays.</param>
    /// <param name="canWait">
    /// Asked of a key that becomes ready, under the queue's lock: whether all others go first. Null: each in its turn.
    /// </param>
    public WorkQueue(Backoff backoff, QueueMetrics metrics, TimeProvider time, Func<TKey, bool>? canWait = null)
    {
        _backoff = backoff;
        _metrics = metrics;
        _time = time;
        _canWait = canWait ?? (_ => false);
        _timer = time.CreateTimer(_ => AddDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics.Observe(Oldest);
    }

    /// <summary>Whether a key has a worker, or waits for one now; not after the stop.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
                return !_stopped && _processing.Count + _first.Count + _later.Count > 0;
        }
    }

    /// <summary>A worker should look at this key now.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
            AddLocked(key);
    }

    /// <summary>A worker should look at this key then; an earlier wish for it stands.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (_gate)
        {
            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_stopped || (_dueAt.TryGetValue(key, out var earlier) && earlier <= due))
                return;
            _dueAt[key] = due;
            _due.Enqueue(key, due);
            // A key that is taken before its time leaves its entry behind: many of them go now, not in half an hour.
            if (_due.Count > 2 * _dueAt.Count + 1024)
            {
                _due.Clear();
                _due.EnqueueRange(_dueAt.Select(wish => (wish.Key, wish.Value)));
            }
            Arm();
        }
    }

    /// <summary>The key failed: again, later each time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="atLeast">What the server asked to wait, where that is longer.</param>
    /// <returns>How long it waits.</returns>
    public TimeSpan AddRateLimited(TKey key, TimeSpan atLeast = default)
    {
        TimeSpan delay;
        lock (_gate)
        {
            var failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
            delay = _backoff.Delay(failures);
        }
        if (delay < atLeast)
            delay = atLeast;
        _metrics.Retried();
        AddAfter(key, delay);
        return delay;
    }

    /// <summary>The key did not fail: its next failure is its first.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
            _failures.Remove(key);
    }

    /// <summary>Waits for a key. Whoever takes one calls <see cref="Done"/>.</summary>
    /// <returns>False: the queue is stopped, and there is no more.</returns>
    public async ValueTask<(bool Taken, TKey Key)> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!_ready.Reader.TryRead(out _))
                continue;
            lock (_gate)
            {
                if (_stopped)
                    break;
                var key = _first.Count > 0 ? _first.Dequeue() : _later.Dequeue();
                var now = _time.GetTimestamp();
                _waiting.Remove(key, out var since);
                _processing[key] = now;
                // What is about to happen decides anew when to come back.
                _dueAt.Remove(key);
                _metrics.Taken(_waiting.Count, _time.GetElapsedTime(since, now));
                return (true, key);
            }
        }
        return (false, default!);
    }

    /// <summary>The worker is done with the key; one that was added meanwhile is ready now.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (!_processing.Remove(key, out var since))
                return;
            _metrics.Done(_time.GetElapsedTime(since));
            if (_waiting.ContainsKey(key) && !_stopped)
                ReadyLocked(key);
        }
    }

    /// <summary>No key is given out any more; who waits for one gets none.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _ready.Writer.TryComplete();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _timer.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (_stopped || !_waiting.TryAdd(key, _time.GetTimestamp()))
            return;
        _metrics.Added(_waiting.Count);
        if (!_processing.ContainsKey(key))
            ReadyLocked(key);
    }

    private void ReadyLocked(TKey key)
    {
        (_canWait(key) ? _later : _first).Enqueue(key);
        _ready.Writer.TryWrite(true);
    }

    private void AddDue()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            while (_due.TryPeek(out var key, out var due) && due <= now)
            {
                _due.Dequeue();
                // An entry that is no longer the wish of its key was overtaken.
                if (_dueAt.TryGetValue(key, out var wish) && wish == due)
                {
                    _dueAt.Remove(key);
                    AddLocked(key);
                }
            }
            Arm();
        }
    }

    private void Arm()
    {
        if (!_due.TryPeek(out _, out var due) || _stopped)
            return;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        // Rounded up: a timer that is a fraction early would find nothing due.
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    // Seconds that the keys with workers have been there, all together and the longest.
    private (double Sum, double Longest) Oldest()
    {
        lock (_gate)
        {
            var ages = _processing.Values.Select(since => _time.GetElapsedTime(since).TotalSeconds).ToList();
            return ages.Count == 0 ? (0, 0) : (ages.Sum(), ages.Max());
        }
    }
}
