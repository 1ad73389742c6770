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
/// Decides who probes what: a pure function of the monitors and the workers. Rendezvous hashing (Thaler and Ravishankar, 1998), weighted by capacity
/// (Schindelhauer and Schomaker, 2005): each monitor goes to the worker with the highest score -w / ln(h), where h is the hash of the two in (0, 1) and w the
/// worker's weight. A worker that comes or goes moves its own share of monitors and no others, and its share is its part of the whole weight.
/// </summary>
public static class AssignmentPlanner
{
    /// <summary>One placement for each monitor that is not suspended and each of its pools.</summary>
    public static IEnumerable<Placement> Plan(IEnumerable<Monitor> monitors, IReadOnlyCollection<WorkerSlot> workers)
    {
        var byPool = workers.GroupBy(w => w.Pool).ToDictionary(g => g.Key, g => g.ToArray());
        return from monitor in monitors
               where !monitor.Spec.Suspend
               from pool in monitor.Spec.Pools
               select new Placement(monitor, pool, WorkerFor(monitor.Uid, byPool.GetValueOrDefault(pool, [])));
    }

    private static string? WorkerFor(string uid, WorkerSlot[] workers)
    {
        string? best = null;
        var highest = 0.0;
        foreach (var worker in workers)
        {
            var score = -Math.Max(1, worker.Capacity) / Math.Log(Fraction(StableHash.Of(uid, worker.Id)));
            // Equal scores are decided by the id, so that the order of the workers does not matter.
            if (best is not null && (score < highest || (score.Equals(highest) && string.CompareOrdinal(worker.Id, best) > 0)))
                continue;
            best = worker.Id;
            highest = score;
        }
        return best;
    }

    // In the middle of one of 2^52 steps: never 0 and never 1, whose logarithms are no weights.
    private static double Fraction(ulong hash) => ((hash >> 12) + 0.5) * (1.0 / (1UL << 52));
}
