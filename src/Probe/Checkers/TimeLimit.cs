using System.Collections.Concurrent;

namespace HealthTrack.Probe.Checkers;

/// <summary>
/// The time limit of one check, joined with the caller's cancellation; the two can be told apart afterwards. The token sources are pooled:
/// with their timers they would be the largest allocation of a check.
/// </summary>
internal readonly struct TimeLimit : IDisposable
{
    private const int MaxPooled = 1024;
    private static readonly ConcurrentQueue<CancellationTokenSource> Pool = new();

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _link;
    private readonly CancellationToken _caller;

    public TimeLimit(TimeSpan limit, CancellationToken caller)
    {
        _source = Pool.TryDequeue(out var pooled) ? pooled : new CancellationTokenSource();
        _source.CancelAfter(limit);
        _caller = caller;
        _link = caller.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
    }

    /// <summary>Cancelled by the limit or by the caller.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True once the limit has passed, and it was not the caller who gave up.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _link.Dispose();
        if (Pool.Count < MaxPooled && _source.TryReset())
            Pool.Enqueue(_source);
        else
            _source.Dispose();
    }
}
