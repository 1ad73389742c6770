namespace HealthTrack.Probe.Link;

/// <summary>Growing, capped, jittered waits between attempts to connect: workers that lost the same leader must not come back in step.</summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    // A new leader is found soon after it leads; asking all addresses costs them next to nothing.
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    // What only a person can put right is not asked for more often than this.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(15);

    private TimeSpan _next = First;

    /// <summary>Half to the whole of a wait that doubles each time.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = _next * 2 < Most ? _next * 2 : Most;
        return Jittered(wait);
    }

    /// <summary>The wait after a refusal.</summary>
    public TimeSpan Refused() => Jittered(AfterRefusal);

    public void Reset() => _next = First;

    private TimeSpan Jittered(TimeSpan wait) => wait * (0.5 + random.NextDouble() / 2);
}
