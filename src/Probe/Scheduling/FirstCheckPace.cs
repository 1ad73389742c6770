using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Scheduling;

/// <summary>
/// When new and changed monitors are checked for the first time: one at once, many after each other, and each within its interval and ten seconds. Guarded by the
/// scheduler's lock.
/// </summary>
internal sealed class FirstCheckPace
{
    private const long SoonMs = 10_000;
    private const long ApartMs = 5; // 200 a second.

    private long _free;

    /// <summary>When a slot is first due, ms since the Unix epoch.</summary>
    public long Next(Slot slot, long now)
    {
        var within = Math.Min(slot.IntervalMs, SoonMs);
        var due = Math.Max(now, _free);
        // More than have room in that time: they are spread over all of it by their hash.
        if (due - now >= within)
            return now + DueTimes.Phase(slot.Assignment.Uid, slot.Assignment.Location, within);
        _free = due + ApartMs;
        return due;
    }

    /// <summary>The clock was set back: what was given away lies in another time.</summary>
    public void SetBack() => _free = 0;
}
