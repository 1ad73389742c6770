using HealthTrack.Core.Assignments;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// Plans once and tells each worker the difference. What moves from one worker to another is given to the second before it is taken from the first: no due
/// time is missed, and a check made twice is one by its identity.
/// </summary>
internal sealed class AssignmentRound(
    Fleet fleet, IntakeProgress intake, SecretResolver secrets, ChangeFeed feed, WorkerRoster roster, TimeProvider time, ILogger<AssignmentRound> log)
{
    // A worker that says nothing of what it was given has it after this long.
    private static readonly TimeSpan TakeOverLimit = TimeSpan.FromSeconds(5);

    /// <summary>Plans.</summary>
    /// <param name="late">Called when secrets are known that were not answered in time: plan again.</param>
    /// <param name="settled">Whether workers had the time to connect: where there is none, monitors say so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether something is being handed over: plan again when it was.</returns>
    public async Task<bool> RunAsync(Action late, bool settled, CancellationToken cancellationToken)
    {
        var places = roster.Places;
        var sessions = roster.Sessions;
        var work = sessions.ToDictionary(s => s, _ => new Dictionary<AssignmentId, Assignment>());
        var open = places.Where(p => p.Session is not null).ToDictionary(p => p.Id, p => p.Session!);
        // A worker whose clock is wrong keeps nothing, handed over or not.
        var byPool = sessions.Where(s => !s.Skewed).ToLookup(s => s.Hello.Pool);
        var insecure = places.Where(p => !p.Secure).Select(p => p.Pool).ToHashSet();
        // Asked before the fleet is looked at: what is declared meanwhile makes another plan.
        var complete = intake.FirstSync.IsCompleted;
        var states = States();
        var problems = new Dictionary<MonitorState, string>();
        var handingOver = false;
        // A server that does not answer is no matter of the monitors that need nothing of it.
        if (await secrets.RefreshAsync(states.Values.Select(s => s.Monitor!).Where(m => !m.Spec.Suspend), late, cancellationToken) is { } unreadable)
            Log.SecretsUnreadable(log, unreadable);
        foreach (var placement in Place(states.Values, places))
        {
            var id = new AssignmentId(placement.Monitor.Uid, placement.Location);
            var state = states[placement.Monitor.Uid];
            if (secrets.Known(placement.Monitor) is not { } resolved)
            {
                // Nobody knows whether the secrets changed: whoever checks it goes on as before, for a while also where it was another leader who said so.
                complete &= settled;
                foreach (var session in byPool[placement.Location])
                {
                    if (session.Holds(id) is { } held)
                        work[session][id] = held;
                }
                continue;
            }
            Say(state, resolved.Problem);
            if (resolved.Problem is not null)
                continue;
            if (placement.WorkerId is null)
            {
                if (!problems.ContainsKey(state) && (settled || insecure.Contains(placement.Location)))
                    problems[state] = placement.Location;
                continue;
            }
            var assignment = Assignment.Of(placement.Monitor, placement.Location, resolved.Values) with
            {
                Manifest = state.Stored.Manifest,
                CheckSoon = !state.HasResultOfGeneration,
            };
            var target = open.GetValueOrDefault(placement.WorkerId);
            if (target is not null)
            {
                work[target][id] = assignment;
                if (target.HasTakenOver(id, TakeOverLimit, time))
                    continue;
            }
            foreach (var session in byPool[placement.Location])
            {
                if (session == target || !session.Checks(id))
                    continue;
                // A link that anybody can read is told no secret, not for the time of a hand-over either: it goes on with what it has.
                if (session.Secure || assignment.Secrets.Count == 0)
                    work[session][id] = assignment;
                else if (session.Holds(id) is { } held)
                    work[session][id] = held;
                handingOver = true;
            }
        }
        SayProblems(states.Values, problems, insecure);
        Tell(work, complete);
        return handingOver;
    }

    private Dictionary<string, MonitorState> States()
    {
        var states = new Dictionary<string, MonitorState>();
        foreach (var state in fleet.All)
        {
            if (state.Monitor is not { } monitor || !states.TryAdd(monitor.Uid, state))
                continue;
            // Nobody looks for the secrets of a suspended monitor: what was said of them before may no longer be so.
            if (monitor.Spec.Suspend)
                Say(state, null);
        }
        return states;
    }

    // Secrets do not travel in the open: what needs them is placed on workers that may have them.
    private static IEnumerable<Placement> Place(IEnumerable<MonitorState> states, IReadOnlyList<WorkerPlace> places)
    {
        var monitors = states.Select(s => s.Monitor!).ToLookup(m => m.Spec.Check.Secrets.Any());
        var all = places.Select(Slot).ToList();
        var secure = places.Where(p => p.Secure).Select(Slot).ToList();
        return AssignmentPlanner.Plan(monitors[false], all).Concat(AssignmentPlanner.Plan(monitors[true], secure));
    }

    private static WorkerSlot Slot(WorkerPlace place) => new(place.Id, place.Pool, place.Capacity);

    private void Tell(Dictionary<ProbeSession, Dictionary<AssignmentId, Assignment>> work, bool complete)
    {
        foreach (var (session, wanted) in work)
        {
            session.Assign(wanted, complete, time);
            if (session.Remote)
                roster.Note(session);
            if (session.Leaving && complete && wanted.Count == 0)
                session.TellDrain("Everything that this worker checked is checked by others, or there is nobody who could.");
        }
    }

    private void SayProblems(IEnumerable<MonitorState> states, Dictionary<MonitorState, string> problems, HashSet<string> insecure)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var state in states)
        {
            PlacementProblem? problem = !problems.TryGetValue(state, out var pool) ? null
                : insecure.Contains(pool)
                    ? new(HealthReasons.LinkNotEncrypted, false, $"No check is made from pool {pool}: its workers' link is not encrypted, and secrets never travel in the open.")
                    : new(HealthReasons.NoWorker, true, $"Pool {pool} has no worker: no check is made from there.");
            if (state.SetPlacementProblem(problem, now))
                feed.ServiceChanged(state.Id);
        }
    }

    private void Say(MonitorState state, SecretProblem? problem)
    {
        if (state.SetSecretProblem(problem, time.GetUtcNow().ToUnixTimeMilliseconds()))
            feed.ServiceChanged(state.Id);
    }
}
