using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;

namespace HealthTrack.Probe.Scheduling;

/// <summary>
/// The assignments held, and a queue of them by the time they are next due. Entries are never searched for: one whose slot has gone, or
/// is due at another time by now, is stale and left out when it comes up. Not safe for threads: the scheduler's lock guards it.
/// </summary>
internal sealed class DueQueue
{
    // The control plane refuses results from more than 60 s ahead, so after a clock was set back by more nothing is made twice.
    private const long KeptWhenSetBackMs = 60_000;

    private readonly Dictionary<AssignmentId, Slot> _slots = [];
    private readonly PriorityQueue<Slot, long> _queue = new();
    private readonly FirstCheckPace _first = new();

    public int Count => _slots.Count;

    public Slot? Find(AssignmentId id) => _slots.GetValueOrDefault(id);

    /// <summary>Takes what is checked from now on.</summary>
    /// <returns>The assignments that were held and are not any more.</returns>
    public IReadOnlyList<Assignment> Apply(AssignmentsChanged change, long now)
    {
        var let = new List<Assignment>();
        if (change.Full)
        {
            var kept = change.Upserts.Select(a => a.Id).ToHashSet();
            foreach (var gone in _slots.Keys.Where(id => !kept.Contains(id)).ToArray())
                Remove(gone, let);
        }
        foreach (var id in change.Removed)
            Remove(id, let);
        foreach (var assignment in change.Upserts)
            Upsert(assignment, now, let);
        // Stale entries go when they are due, which may be in a day: many of them go now.
        if (_queue.Count > 2 * _slots.Count + 1024)
            Requeue();
        // One may be back within the same change.
        let.RemoveAll(Holds);
        return let;
    }

    /// <summary>Whether this very form of an assignment is what is checked now.</summary>
    public bool Holds(Assignment assignment) => ReferenceEquals(Find(assignment.Id)?.Assignment, assignment);

    /// <summary>The next slot that is due, out of the queue; <see cref="Ran"/> puts it back. Null where none is.</summary>
    public Slot? TakeDue(long now)
    {
        while (_queue.TryPeek(out var slot, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (!slot.Dead && slot.NextDue == due)
                return slot;
        }
        return null;
    }

    /// <summary>A due time was run or missed: the slot waits for the one after it.</summary>
    public void Ran(Slot slot, long due)
    {
        slot.LastDue = due;
        slot.PlanGrid(due);
        _queue.Enqueue(slot, slot.NextDue);
    }

    /// <summary>The clock was set back: due times follow it, but none that ran a moment ago runs again.</summary>
    public void SetBack(long now)
    {
        _first.SetBack();
        foreach (var slot in _slots.Values)
        {
            if (slot.LastDue > now + KeptWhenSetBackMs)
                slot.LastDue = now;
            if (slot.FirstPending)
                slot.PlanFirst(_first, now);
            else
                slot.PlanGrid(Math.Max(now, slot.LastDue));
        }
        Requeue();
    }

    private void Upsert(Assignment assignment, long now, List<Assignment> let)
    {
        _slots.TryGetValue(assignment.Id, out var old);
        if (old is not null)
            let.Add(old.Assignment);
        if (old is not null && old.Assignment.Generation == assignment.Generation)
        {
            if (old.Update(assignment) && !old.FirstPending)
            {
                old.PlanGrid(Math.Max(now, old.LastDue));
                _queue.Enqueue(old, old.NextDue);
            }
            return;
        }
        var slot = new Slot(assignment);
        if (old is not null)
        {
            // A due time that ran under the old generation does not run again under the new one.
            slot.LastDue = old.LastDue;
            old.Dead = true;
        }
        _slots[assignment.Id] = slot;
        if (assignment.CheckSoon)
            slot.PlanFirst(_first, now);
        else
            slot.PlanGrid(Math.Max(now, slot.LastDue));
        _queue.Enqueue(slot, slot.NextDue);
    }

    private void Remove(AssignmentId id, List<Assignment> let)
    {
        if (!_slots.Remove(id, out var slot))
            return;
        slot.Dead = true;
        let.Add(slot.Assignment);
    }

    private void Requeue()
    {
        _queue.Clear();
        foreach (var slot in _slots.Values)
            _queue.Enqueue(slot, slot.NextDue);
    }
}
