namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Delays that double up to a cap, each drawn from the upper half of its range, so that what failed together does not come back together. It never
/// gives up.
/// </summary>
/// <param name="First">The longest first delay.</param>
/// <param name="Cap">The longest delay of all.</param>
internal sealed record Backoff(TimeSpan First, TimeSpan Cap)
{
    /// <summary>The delay after <paramref name="failures"/> failures in a row.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="random">From 0 to below 1.</param>
    public TimeSpan Delay(int failures, double random)
    {
        // 2^40 times a millisecond is 35 years: past any cap, and far from overflow.
        var whole = Math.Min(Cap.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(Math.Max(failures, 1) - 1, 40)));
        return TimeSpan.FromMilliseconds(whole * (0.5 + (0.5 * random)));
    }

    /// <summary>The same with chance of its own.</summary>
#pragma warning disable CA5394 // Jitter is no secret.
    public TimeSpan Delay(int failures) => Delay(failures, Random.Shared.NextDouble());
#pragma warning restore CA5394
}
