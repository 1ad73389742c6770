using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Assignments;

/// <summary>A worker that can be given work.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pool">The location it checks from.</param>
/// <param name="Capacity">Its weight among the workers of its pool; at least 1.</param>
public readonly record struct WorkerSlot(string Id, string Pool, int Capacity = 1);

/// <summary>Who probes what at one location.</summary>
/// <param name="Monitor">The monitor.</param>
/// <param name="Location">The pool.</param>
/// <param name="WorkerId">The worker; null where the pool has none.</param>
public readonly record struct Placement(Monitor Monitor, string Location, string? WorkerId);

/// <summary>
/// Decides who probes what: a pure function of the monitors and the workers. Rendezvous hashing (Thaler and Ravishankar, 1998): each monitor
/// goes to the worker with the highest hash of the two, so that a worker that comes or goes moves its own share of monitors and no others.
/// </summary>
public static class AssignmentPlanner
{
    /// <summary>One placement for each monitor that is not suspended and each of its pools.</summary>
    public static IEnumerable<Placement> Plan(IEnumerable<Monitor> monitors, IReadOnlyCollection<WorkerSlot> workers)
    {
        var byPool = workers.ToLookup(w => w.Pool, w => w.Id);
        return from monitor in monitors
               where !monitor.Spec.Suspend
               from pool in monitor.Spec.Pools
               select new Placement(monitor, pool, WorkerFor(monitor.Uid, byPool[pool]));
    }

    private static string? WorkerFor(string uid, IEnumerable<string> workers)
    {
        string? best = null;
        ulong highest = 0;
        foreach (var worker in workers)
        {
            var hash = StableHash.Of(uid, worker);
            // Equal hashes are decided by the id, so that the order of the workers does not matter.
            if (best is not null && (hash < highest || (hash == highest && string.CompareOrdinal(worker, best) > 0)))
                continue;
            best = worker;
            highest = hash;
        }
        return best;
    }
}
