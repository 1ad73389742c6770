namespace HealthTrack.Probe.Link;

/// <summary>Growing, capped, jittered waits between attempts to connect: workers that lost the same leader must not come back in step.</summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private TimeSpan _next = First;

    /// <summary>Half to the whole of a wait that doubles each time.</summary>
    public TimeSpan Next()
    {
        var wait = _next * (0.5 + random.NextDouble() / 2);
        _next = _next * 2 < Most ? _next * 2 : Most;
        return wait;
    }

    public void Reset() => _next = First;
}
