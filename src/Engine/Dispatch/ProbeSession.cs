using System.Threading.Channels;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The control plane's end of one worker's link.</summary>
internal sealed class ProbeSession(WorkerHello hello)
{
    private readonly Channel<ControlMessage> _outgoing =
        Channel.CreateUnbounded<ControlMessage>(new UnboundedChannelOptions { SingleReader = true });

    private Dictionary<AssignmentId, Assignment> _assigned = [];
    private long _revision;

    /// <summary>Who the worker is.</summary>
    public WorkerHello Hello { get; } = hello;

    /// <summary>The worker's last sign of life; null before the first.</summary>
    public WorkerHeartbeat? LastHeartbeat { get; set; }

    /// <summary>What the worker is to be told, in order.</summary>
    public ChannelReader<ControlMessage> Outgoing => _outgoing.Reader;

    /// <summary>Whether the worker checks this.</summary>
    public bool Checks(AssignmentId id) => Volatile.Read(ref _assigned).ContainsKey(id);

    /// <summary>What the worker was given under this identity; null where it was given nothing.</summary>
    public Assignment? Holds(AssignmentId id) => Volatile.Read(ref _assigned).GetValueOrDefault(id);

    /// <summary>Tells the worker something; nothing where the session is over.</summary>
    public void Tell(ControlMessage message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Brings the worker's assignments to <paramref name="wanted"/>, telling it the difference.</summary>
    public void Assign(Dictionary<AssignmentId, Assignment> wanted)
    {
        var upserts = wanted.Values.Where(a => !_assigned.TryGetValue(a.Id, out var held) || Differs(held, a)).ToList();
        var removed = _assigned.Keys.Where(id => !wanted.ContainsKey(id)).ToList();
        if (_revision > 0 && upserts.Count == 0 && removed.Count == 0)
            return;
        var full = _revision == 0;
        Volatile.Write(ref _assigned, wanted);
        Tell(new AssignmentsChanged(++_revision, full, upserts, removed));
    }

    /// <summary>Ends the session: the worker reads what was said and then the end.</summary>
    public void End() => _outgoing.Writer.TryComplete();

    // CheckSoon alone is no difference: it turns false with the first result, and the worker knows of that.
    private static bool Differs(Assignment held, Assignment wanted) =>
        held.Generation != wanted.Generation
        || held.Interval != wanted.Interval
        || held.Secrets.Count != wanted.Secrets.Count
        || wanted.Secrets.Any(s => !held.Secrets.TryGetValue(s.Key, out var value) || value != s.Value);
}
