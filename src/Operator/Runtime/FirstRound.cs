namespace HealthTrack.Operator.Runtime;

/// <summary>Knows when all that existed at the start has been looked at once. Thread-safe.</summary>
internal sealed class FirstRound
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private HashSet<ResourceKey>? _left;

    /// <summary>Completes then.</summary>
    public Task Done => _done.Task;

    /// <summary>These existed at the start; returns how many they are.</summary>
    public int Begin(ICollection<ResourceKey> keys)
    {
        lock (_gate)
        {
            _left = [.. keys];
            if (_left.Count == 0)
                _done.TrySetResult();
            return keys.Count;
        }
    }

    /// <summary>This one has been looked at to the end, whatever came of it.</summary>
    public void Finished(ResourceKey key)
    {
        if (_done.Task.IsCompleted)
            return;
        lock (_gate)
        {
            if (_left is not null && _left.Remove(key) && _left.Count == 0)
                _done.TrySetResult();
        }
    }
}
