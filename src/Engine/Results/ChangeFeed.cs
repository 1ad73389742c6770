using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Results;

/// <summary>One thing that happened, for those who watch.</summary>
/// <param name="Sequence">Counts the changes of this process from 1.</param>
/// <param name="ServiceId">Of which service.</param>
internal abstract record Change(long Sequence, long ServiceId);

/// <summary>A service's row may read differently now.</summary>
internal sealed record ServiceChanged(long Sequence, long ServiceId) : Change(Sequence, ServiceId);

/// <summary>A check was made.</summary>
internal sealed record CheckMade(long Sequence, long ServiceId, long CheckId, CheckResult Result) : Change(Sequence, ServiceId);

/// <summary>A service is declared no more.</summary>
internal sealed record ServiceRemoved(long Sequence, long ServiceId, MonitorKey Key) : Change(Sequence, ServiceId);

/// <summary>
/// The newest changes in order, in a ring: whoever falls further behind than the ring is long is told so and begins anew. Publishing never waits
/// for a reader. Thread-safe.
/// </summary>
internal sealed class ChangeFeed
{
    private const int Length = 1 << 14;

    // Values and no objects: at a thousand checks a second each would live for eight seconds, long enough to be taken for one that stays.
    private readonly Entry[] _ring = new Entry[Length];
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;

    /// <summary>The sequence of the newest change; 0 before the first.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>A service's row changed.</summary>
    public void ServiceChanged(long serviceId) => Publish(new Entry(serviceId, 0, null, null));

    /// <summary>A check was made; <paramref name="checkId"/> is 0 while it is not stored.</summary>
    public void CheckMade(long serviceId, long checkId, CheckResult result) => Publish(new Entry(serviceId, checkId, result, null));

    /// <summary>A service went.</summary>
    public void ServiceRemoved(long serviceId, MonitorKey key) => Publish(new Entry(serviceId, 0, null, key));

    /// <summary>The changes after <paramref name="after"/>, oldest first.</summary>
    /// <returns>False where some of them are no longer held, or <paramref name="after"/> is not of this process: begin anew.</returns>
    public bool TryRead(long after, List<Change> into)
    {
        lock (_gate)
        {
            if (after > _last || _last - after > Length)
                return false;
            for (var sequence = after + 1; sequence <= _last; sequence++)
                into.Add(_ring[sequence % Length].At(sequence));
            return true;
        }
    }

    /// <summary>Completes when there is a change after <paramref name="after"/>.</summary>
    public Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        lock (_gate)
            return _last > after ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
    }

    private void Publish(Entry entry)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _last++;
            _ring[_last % Length] = entry;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }

    private readonly record struct Entry(long ServiceId, long CheckId, CheckResult? Result, MonitorKey? Removed)
    {
        public Change At(long sequence) =>
            Result is not null ? new CheckMade(sequence, ServiceId, CheckId, Result)
            : Removed is { } key ? new ServiceRemoved(sequence, ServiceId, key)
            : new ServiceChanged(sequence, ServiceId);
    }
}
