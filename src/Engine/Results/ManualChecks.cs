using System.Collections.Concurrent;
using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Results;

/// <summary>Those who asked for a check now and wait for its result. Thread-safe.</summary>
internal sealed class ManualChecks
{
    private readonly ConcurrentDictionary<CheckId, TaskCompletionSource<ManualCheck>> _waiting = new();

    /// <summary>Registers a waiter; dispose it when the wait is over, however it ended.</summary>
    /// <param name="uid">The monitor.</param>
    /// <param name="location">The pool that is to check.</param>
    /// <param name="now">The present, ms since the Unix epoch: the check's due time, or the next free ms where two ask at once.</param>
    /// <param name="isOnGrid">Whether a scheduled check is due at an instant: that identity is taken.</param>
    public Waiter Expect(string uid, string location, long now, Func<long, bool> isOnGrid)
    {
        var source = new TaskCompletionSource<ManualCheck>(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = new CheckId(uid, location, now);
        while (isOnGrid(id.DueTime) || !_waiting.TryAdd(id, source))
            id = id with { DueTime = id.DueTime + 1 };
        return new Waiter(this, id, source.Task);
    }

    /// <summary>A result came in.</summary>
    public void Complete(CheckResult result, long checkId)
    {
        if (result.Kind == CheckKind.Manual && _waiting.TryRemove(result.Id, out var source))
            source.TrySetResult(new ManualCheck(checkId, result));
    }

    /// <summary>One who waits.</summary>
    internal readonly struct Waiter(ManualChecks owner, CheckId id, Task<ManualCheck> result) : IDisposable
    {
        /// <summary>The identity that the check is to have.</summary>
        public CheckId Id => id;

        /// <summary>The result, when it comes.</summary>
        public Task<ManualCheck> Result => result;

        public void Dispose() => owner._waiting.TryRemove(id, out _);
    }
}

/// <summary>A check that was asked for.</summary>
/// <param name="CheckId">Its id in the store; 0 while the store is away.</param>
/// <param name="Result">Its result.</param>
internal sealed record ManualCheck(long CheckId, CheckResult Result);
