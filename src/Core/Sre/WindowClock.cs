namespace HealthTrack.Core.Sre;

/// <summary>
/// The present as a window sees it: it never goes back by the seconds that a clock is corrected by, because samples that were let go would
/// have to come back. A clock that is set back by more was wrong before, and is followed.
/// </summary>
internal struct WindowClock
{
    // Results are taken up to 60 s ahead of the clock, so this much disagreement is ordinary.
    private const long OrdinaryStepMs = 60_000;

    private long _now;

    /// <summary>The window's present, ms since the Unix epoch; 0 before the first.</summary>
    public readonly long Now => _now;

    /// <summary>The window's present when the clock shows <paramref name="now"/>; both ms since the Unix epoch.</summary>
    public long Follow(long now)
    {
        if (now > _now || _now - now > OrdinaryStepMs)
            _now = now;
        return _now;
    }
}
