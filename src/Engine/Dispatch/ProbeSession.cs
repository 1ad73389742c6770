using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grpc.Core;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The control plane's end of one worker's link.</summary>
/// <param name="hello">Who the worker is.</param>
/// <param name="remote">Whether it is another process: then it is watched, and believed no more than it must be.</param>
/// <param name="secure">Whether secrets may be sent to it.</param>
internal sealed class ProbeSession(WorkerHello hello, bool remote = false, bool secure = true)
{
    private const int MaxWaiting = 1024;

    private readonly Channel<ControlMessage> _outgoing =
        Channel.CreateBounded<ControlMessage>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly TaskCompletionSource<Status> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<AssignmentId, Given> _given = [];
    private long _revision;
    private bool _toldAll;
    private long _applied;
    private long _acknowledged;
    private int _acknowledging;

    /// <summary>Who the worker is.</summary>
    public WorkerHello Hello { get; } = hello;

    /// <summary>Whether it is another process.</summary>
    public bool Remote { get; } = remote;

    /// <summary>Whether secrets may be sent to it.</summary>
    public bool Secure { get; } = secure;

    /// <summary>The worker's last sign of life; null before the first.</summary>
    public WorkerHeartbeat? LastHeartbeat { get; set; }

    /// <summary>How far the worker's clock is ahead, ms; null before its first sign of life.</summary>
    public long? ClockOffset { get; set; }

    /// <summary>Whether the clock is so wrong that the worker checks nothing.</summary>
    public bool Skewed { get; set; }

    /// <summary>Whether the worker is about to stop.</summary>
    public bool Leaving { get; set; }

    /// <summary>Whether the worker was told that it may stop.</summary>
    public bool Drained { get; private set; }

    /// <summary>Whether the worker waits for us: we read it no further, so that its silence says nothing.</summary>
    public bool Blocked { get; set; }

    /// <summary>What it has on its way to the store.</summary>
    public ResultQuota Quota { get; } = ResultQuota.OfSession();

    /// <summary>The assignments that the worker says it cannot check.</summary>
    public IReadOnlyList<RefusedAssignment> Refused { get; private set; } = [];

    /// <summary>What the worker is to be told, in order.</summary>
    public ChannelReader<ControlMessage> Outgoing => _outgoing.Reader;

    /// <summary>Completes with why, when the control plane ended the session.</summary>
    public Task<Status> Ended => _ended.Task;

    /// <summary>Due times up to this one may be of assignments that another leader gave: ms since the Unix epoch.</summary>
    public long AccountableFrom { get; private set; } = long.MaxValue;

    /// <summary>The assignments that it holds.</summary>
    public IReadOnlyCollection<AssignmentId> Held => Volatile.Read(ref _given).Keys;

    /// <summary>Whether the worker checks this.</summary>
    public bool Checks(AssignmentId id) => Volatile.Read(ref _given).ContainsKey(id);

    /// <summary>What the worker was given under this identity; null where it was given nothing.</summary>
    public Assignment? Holds(AssignmentId id) => Volatile.Read(ref _given).GetValueOrDefault(id).Assignment;

    /// <summary>Whether the worker said that it checks this, or had the time to.</summary>
    public bool HasTakenOver(AssignmentId id, TimeSpan limit, TimeProvider time) =>
        Volatile.Read(ref _given).TryGetValue(id, out var given)
        && (!Remote || given.Revision <= Interlocked.Read(ref _applied) || time.GetElapsedTime(given.At) > limit);

    /// <summary>What the worker is told, in order, with acknowledgements drawn together.</summary>
    public async IAsyncEnumerable<ControlMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellationToken))
        {
            if (message is not ResultsAcknowledged)
            {
                yield return message;
                continue;
            }
            // Cleared first: one that comes now is told with the next.
            Volatile.Write(ref _acknowledging, 0);
            yield return new ResultsAcknowledged(Interlocked.Read(ref _acknowledged));
        }
    }

    /// <summary>Tells the worker something; nothing where the session is over. A worker that reads nothing is let go.</summary>
    public void Tell(ControlMessage message)
    {
        if (!_outgoing.Writer.TryWrite(message))
            End(new Status(StatusCode.ResourceExhausted, "The worker does not read what it is told."));
    }

    /// <summary>Every batch up to this one is stored.</summary>
    public void Acknowledge(long sequence)
    {
        if (sequence > Interlocked.Read(ref _acknowledged))
            Interlocked.Exchange(ref _acknowledged, sequence);
        if (Interlocked.Exchange(ref _acknowledging, 1) == 0)
            Tell(new ResultsAcknowledged(sequence));
    }

    /// <summary>The worker says that a revision is in force.</summary>
    public void Applied(AssignmentsApplied applied, long now)
    {
        // A worker cannot have what it was not told.
        var revision = Math.Min(applied.Revision, Interlocked.Read(ref _revision));
        if (revision > Interlocked.Read(ref _applied))
            Interlocked.Exchange(ref _applied, revision);
        if (revision > 0 && _toldAll)
            AccountableFrom = Math.Min(AccountableFrom, now);
        Refused = [.. Refused.Where(r => !applied.Refused.Any(n => n.Id == r.Id) && Checks(r.Id)).Concat(applied.Refused).Take(Contracts.Link.LinkLimits.RefusedAssignments)];
    }

    /// <summary>Brings the worker's assignments to <paramref name="wanted"/>, telling it the difference.</summary>
    /// <param name="wanted">What it is to check.</param>
    /// <param name="complete">
    /// Whether that is all. Until it is for the first time, the worker is given what is known and keeps what another leader gave it: a new leader that has not read every
    /// monitor yet must not take any away.
    /// </param>
    /// <param name="time">The clock.</param>
    public void Assign(Dictionary<AssignmentId, Assignment> wanted, bool complete, TimeProvider time)
    {
        var held = _given;
        var revision = _revision + 1;
        var upserts = new List<Assignment>();
        var given = new Dictionary<AssignmentId, Given>(wanted.Count);
        foreach (var (id, assignment) in wanted)
        {
            var known = held.TryGetValue(id, out var before);
            given[id] = known && !Differs(before.Assignment, assignment)
                ? before
                : new Given(assignment, known ? before.Revision : revision, known ? before.At : time.GetTimestamp());
            if (!known || Differs(before.Assignment, assignment))
                upserts.Add(assignment);
        }
        var removed = held.Keys.Where(id => !wanted.ContainsKey(id)).ToList();
        var full = complete && !_toldAll;
        if (!full && upserts.Count == 0 && removed.Count == 0)
            return;
        _toldAll |= full;
        Interlocked.Exchange(ref _revision, revision);
        // Until it had the time to apply them, it checks what another leader gave it.
        if (full)
            AccountableFrom = time.GetUtcNow().ToUnixTimeMilliseconds() + 2000;
        // Told first: whoever asks for a check of what the session holds finds the worker told of it.
        Tell(full ? new AssignmentsChanged(revision, true, [.. given.Values.Select(g => g.Assignment)], []) : new AssignmentsChanged(revision, false, upserts, removed));
        Volatile.Write(ref _given, given);
    }

    /// <summary>Tells a leaving worker that it may stop.</summary>
    public void TellDrain(string reason)
    {
        if (Drained)
            return;
        Drained = true;
        Tell(new Drain(reason));
    }

    /// <summary>Ends the session: the worker reads what was said and then the end.</summary>
    public void End(Status? status = null)
    {
        _ended.TrySetResult(status ?? Status.DefaultSuccess);
        _outgoing.Writer.TryComplete();
    }

    // CheckSoon alone is no difference: it turns false with the first result, and the worker knows of that.
    private static bool Differs(Assignment held, Assignment wanted) =>
        held.Generation != wanted.Generation
        || held.Interval != wanted.Interval
        || held.Secrets.Count != wanted.Secrets.Count
        || wanted.Secrets.Any(s => !held.Secrets.TryGetValue(s.Key, out var value) || value != s.Value);

    /// <param name="Assignment">What was given.</param>
    /// <param name="Revision">The revision that it was given with first.</param>
    /// <param name="At">When, a timestamp.</param>
    private readonly record struct Given(Assignment Assignment, long Revision, long At);
}
