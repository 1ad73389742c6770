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

    private readonly CancellationTokenSource source;
    private readonly CancellationTokenRegistration link;
    private readonly CancellationToken caller;

    public TimeLimit(TimeSpan limit, CancellationToken caller)
    {
        source = Pool.TryDequeue(out var pooled) ? pooled : new CancellationTokenSource();
        source.CancelAfter(limit);
        this.caller = caller;
        link = caller.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
    }

    /// <summary>Cancelled by the limit or by the caller.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>True once the limit has passed, and it was not the caller who gave up.</summary>
    public bool HasPassed => source.IsCancellationRequested && !caller.IsCancellationRequested;

    public void Dispose()
    {
        link.Dispose();
        if (Pool.Count < MaxPooled && source.TryReset())
            Pool.Enqueue(source);
        else
            source.Dispose();
    }
}
