using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Scheduling;

/// <summary>One assignment on the scheduler's grid. Guarded by the scheduler's lock.</summary>
internal sealed class Slot
{
    public Slot(Assignment assignment)
    {
        Assignment = assignment;
        Place();
    }

    public Assignment Assignment { get; private set; }

    public long IntervalMs { get; private set; }
    public long Phase { get; private set; }

    /// <summary>When it is next to run, ms since the Unix epoch. A queue entry with another time is stale.</summary>
    public long NextDue { get; private set; }

    /// <summary>The next run is the first one of a generation.</summary>
    public bool FirstPending { get; private set; }

    /// <summary>The last due time that ran or was missed; no due time runs twice.</summary>
    public long LastDue { get; set; } = long.MinValue;

    /// <summary>Its grid check is running.</summary>
    public bool Running { get; set; }

    /// <summary>Replaced or removed: its queue entries are stale.</summary>
    public bool Dead { get; set; }

    /// <summary>Takes a new form of the same generation, such as one with a secret that was renewed.</summary>
    /// <returns>True where its grid is another.</returns>
    public bool Update(Assignment assignment)
    {
        var moved = assignment.Interval != Assignment.Interval;
        Assignment = assignment;
        if (moved)
            Place();
        return moved;
    }

    /// <summary>To run once soon, when <paramref name="pace"/> says.</summary>
    public void PlanFirst(FirstCheckPace pace, long now)
    {
        FirstPending = true;
        NextDue = pace.Next(this, now);
    }

    /// <summary>To run at the first due time after <paramref name="after"/>.</summary>
    public void PlanGrid(long after)
    {
        FirstPending = false;
        NextDue = DueTimes.Next(Phase, IntervalMs, after);
    }

    private void Place()
    {
        IntervalMs = Math.Max(1, (long)Assignment.Interval.TotalMilliseconds);
        Phase = DueTimes.Phase(Assignment.Uid, Assignment.Location, IntervalMs);
    }
}
