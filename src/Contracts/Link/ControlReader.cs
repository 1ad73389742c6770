using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;

namespace HealthTrack.Contracts.Link;

/// <summary>
/// Reads what the control plane says to a worker, message by message. A change of assignments that came in several messages is given out once, with its
/// last. One reader a connection; not thread-safe.
/// </summary>
public sealed class ControlReader
{
    private readonly List<Assignment> _upserts = [];
    private readonly List<AssignmentId> _removed = [];
    private readonly List<RefusedAssignment> _refused = [];
    private long? _revision;
    private bool _full;

    /// <summary>
    /// The assignments of the change given out last that this program cannot check: to be sent back in its <see cref="AssignmentsApplied"/>. They
    /// are among the removed ones of the change, so that an older form of them is checked no more.
    /// </summary>
    public IReadOnlyList<RefusedAssignment> Refused { get; private set; } = [];

    /// <summary>Takes the next message.</summary>
    /// <returns>What it says; null where there is more to come, or it is of a kind that this version does not know.</returns>
    /// <exception cref="BrokenMessageException">It makes no sense.</exception>
    public ControlMessage? Read(V1.ControlMessage wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        switch (wire.BodyCase)
        {
            case V1.ControlMessage.BodyOneofCase.Assignments:
                return Read(wire.Assignments);
            case V1.ControlMessage.BodyOneofCase.Ack:
                return new ResultsAcknowledged(wire.Ack.Sequence);
            case V1.ControlMessage.BodyOneofCase.RunNow:
                return new RunNow(
                    AssignmentCodec.ReadId(wire.RunNow.Uid, wire.RunNow.Location), ResultCodec.Instant(wire.RunNow.DueMs, "The due time"));
            case V1.ControlMessage.BodyOneofCase.Drain:
                return new Drain(LinkText.Cut(wire.Drain.Reason, LinkLimits.ReasonLength));
            default:
                return null;
        }
    }

    private AssignmentsChanged? Read(V1.Assignments wire)
    {
        if (_revision is null)
            (_revision, _full) = (wire.Revision, wire.Full);
        else if (_revision != wire.Revision || _full != wire.Full)
            throw new BrokenMessageException("A change of assignments begins before the one before has ended.");
        foreach (var upsert in wire.Upserts)
        {
            var id = AssignmentCodec.ReadId(upsert.Uid, upsert.Location);
            if (AssignmentCodec.Read(upsert, out var refusal) is { } assignment)
            {
                _upserts.Add(assignment);
                continue;
            }
            _refused.Add(new RefusedAssignment(id, refusal));
            _removed.Add(id);
        }
        foreach (var removed in wire.Removed)
            _removed.Add(AssignmentCodec.ReadId(removed.Uid, removed.Location));
        if (_upserts.Count + _removed.Count > 2 * LinkLimits.Assignments)
            throw new BrokenMessageException("A change of assignments has no end.");
        if (wire.More)
            return null;
        var change = new AssignmentsChanged(wire.Revision, wire.Full, [.. _upserts], [.. _removed]);
        Refused = [.. _refused];
        _upserts.Clear();
        _removed.Clear();
        _refused.Clear();
        _revision = null;
        return change;
    }
}
