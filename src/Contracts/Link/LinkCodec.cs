using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;

namespace HealthTrack.Contracts.Link;

/// <summary>
/// The messages of the link as they are on the wire, both directions. Writing never fails: what is too long is cut. Reading is strict and bounded, and
/// throws <see cref="BrokenMessageException"/>; what a worker reads is stateful, see <see cref="ControlReader"/>.
/// </summary>
public static class LinkCodec
{
    /// <summary>A worker's first message.</summary>
    public static V1.WorkerMessage Write(WorkerHello hello)
    {
        ArgumentNullException.ThrowIfNull(hello);
        return new()
        {
            Hello = new V1.Hello
            {
                WorkerId = LinkText.Cut(hello.WorkerId),
                Pool = LinkText.Cut(hello.Pool),
                Version = LinkText.Cut(hello.Version, LinkLimits.VersionLength),
                Protocol = (uint)Math.Max(0, hello.Protocol),
                LastSequence = hello.LastSequence,
                Capacity = (uint)Math.Clamp(hello.Capacity, 1, LinkLimits.Capacity),
            },
        };
    }

    /// <summary>What a worker says after its hello.</summary>
    public static V1.WorkerMessage Write(WorkerMessage message) => message switch
    {
        ResultBatch batch => new()
        {
            Results = new V1.Results { Sequence = batch.Sequence, Results_ = { batch.Results.Select(ResultCodec.Write) } },
        },
        WorkerHeartbeat beat => new() { Heartbeat = Write(beat) },
        AssignmentsApplied applied => new()
        {
            Applied = new V1.Applied
            {
                Revision = applied.Revision,
                Refused =
                {
                    applied.Refused.Take(LinkLimits.RefusedAssignments).Select(r => new V1.Refused
                    {
                        Uid = LinkText.Cut(r.Id.Uid),
                        Location = LinkText.Cut(r.Id.Location),
                        Reason = LinkText.Cut(r.Reason, LinkLimits.ReasonLength),
                    }),
                },
            },
        },
        WorkerLeaving leaving => new() { Leaving = new V1.Leaving { Reason = LinkText.Cut(leaving.Reason, LinkLimits.ReasonLength) } },
        _ => throw new ArgumentException($"{message?.GetType().Name} has no form on the wire.", nameof(message)),
    };

    /// <summary>What the control plane says: one message, but for assignments, which are as many as their size asks for. Made while they are read.</summary>
    /// <param name="message">The message.</param>
    /// <param name="left">
    /// Called for each assignment that is larger than <see cref="LinkLimits.ControlMessageBytes"/>, with its size: it is not sent, and an older form of it is
    /// taken away. It would end the stream of whoever is given it.
    /// </param>
    public static IEnumerable<V1.ControlMessage> Write(ControlMessage message, Action<AssignmentId, int>? left = null) => message switch
    {
        AssignmentsChanged change => Write(change, left),
        ResultsAcknowledged acknowledged => [new() { Ack = new V1.Ack { Sequence = acknowledged.Sequence } }],
        RunNow run => [new() { RunNow = new V1.RunNow { Uid = run.Id.Uid, Location = run.Id.Location, DueMs = run.DueTime } }],
        Drain drain => [new() { Drain = new V1.Drain { Reason = LinkText.Cut(drain.Reason, LinkLimits.ReasonLength) } }],
        _ => throw new ArgumentException($"{message?.GetType().Name} has no form on the wire.", nameof(message)),
    };

    /// <summary>The first message of a worker.</summary>
    /// <exception cref="BrokenMessageException">It is no hello, or one that names nobody.</exception>
    public static WorkerHello ReadHello(V1.WorkerMessage wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (wire.Hello is not { } hello)
            throw new BrokenMessageException("The first message of a worker must be its hello.");
        if (hello.Capacity > LinkLimits.Capacity)
            throw new BrokenMessageException($"The capacity of the worker is {hello.Capacity}; at most {LinkLimits.Capacity} is allowed.");
        return new WorkerHello(Plain(hello.WorkerId, "The worker's id"), Plain(hello.Pool, "The pool"), LinkText.Bounded(hello.Version, "The version", LinkLimits.VersionLength))
        {
            Protocol = (int)Math.Min(hello.Protocol, int.MaxValue),
            LastSequence = ResultCodec.Least(hello.LastSequence, 0, "The last sequence"),
            Capacity = Math.Max(1, (int)hello.Capacity),
        };
    }

    /// <summary>A later message of a worker.</summary>
    /// <param name="wire">The message.</param>
    /// <param name="worker">The id that the worker said hello with: its results are its own.</param>
    /// <returns>What it says; null where it is of a kind that this version does not know.</returns>
    /// <exception cref="BrokenMessageException">It makes no sense.</exception>
    public static WorkerMessage? Read(V1.WorkerMessage wire, string worker)
    {
        ArgumentNullException.ThrowIfNull(wire);
        return wire.BodyCase switch
        {
            V1.WorkerMessage.BodyOneofCase.Hello => throw new BrokenMessageException("A worker says hello once."),
            V1.WorkerMessage.BodyOneofCase.Results => Read(wire.Results, worker),
            V1.WorkerMessage.BodyOneofCase.Heartbeat => Read(wire.Heartbeat),
            V1.WorkerMessage.BodyOneofCase.Applied => Read(wire.Applied),
            V1.WorkerMessage.BodyOneofCase.Leaving => new WorkerLeaving(LinkText.Cut(wire.Leaving.Reason, LinkLimits.ReasonLength)),
            _ => null,
        };
    }

    private static ResultBatch Read(V1.Results wire, string worker)
    {
        if (wire.Results_.Count > LinkLimits.BatchResults)
            throw new BrokenMessageException($"A batch holds {wire.Results_.Count} results; {LinkLimits.BatchResults} are allowed.");
        var results = new CheckResult[wire.Results_.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = ResultCodec.Read(wire.Results_[i], worker);
        return new ResultBatch(ResultCodec.Least(wire.Sequence, 0, "The sequence"), results);
    }

    private static WorkerHeartbeat Read(V1.Heartbeat wire)
    {
        if (!double.IsFinite(wire.LagP99Ms) || wire.LagP99Ms < 0)
            throw new BrokenMessageException("The lag of a heartbeat is no number of milliseconds.");
        if (wire.HasLoad && wire.Load is not (>= 0 and <= LinkLimits.Load))
            throw new BrokenMessageException($"The load of a heartbeat is no number from 0 to {LinkLimits.Load}.");
        return new WorkerHeartbeat(
            ResultCodec.Instant(wire.ClockMs, "The clock"),
            (int)ResultCodec.Least(wire.InFlight, 0, "The number in flight"),
            (int)ResultCodec.Least(wire.Assigned, 0, "The number of assignments"),
            ResultCodec.Least(wire.Missed, 0, "The number of missed checks"),
            wire.LagP99Ms,
            (int)ResultCodec.Least(wire.Unacknowledged, 0, "The number of unacknowledged results"),
            ResultCodec.Least(wire.Dropped, 0, "The number of dropped results"))
        {
            Load = wire.HasLoad ? wire.Load : null,
        };
    }

    private static V1.Heartbeat Write(WorkerHeartbeat beat)
    {
        var wire = new V1.Heartbeat
        {
            ClockMs = beat.Clock,
            InFlight = beat.InFlight,
            Assigned = beat.Assigned,
            Missed = beat.Missed,
            LagP99Ms = beat.LagP99Millis,
            Unacknowledged = beat.Unacknowledged,
            Dropped = beat.Dropped,
        };
        if (beat.Load is { } load)
            wire.Load = load;
        return wire;
    }

    private static AssignmentsApplied Read(V1.Applied wire)
    {
        if (wire.Refused.Count > LinkLimits.RefusedAssignments)
            throw new BrokenMessageException($"A worker refuses {wire.Refused.Count} assignments at once; {LinkLimits.RefusedAssignments} are allowed.");
        return new AssignmentsApplied(
            ResultCodec.Least(wire.Revision, 0, "The revision"),
            [.. wire.Refused.Select(r => new RefusedAssignment(AssignmentCodec.ReadId(r.Uid, r.Location), LinkText.Cut(r.Reason, LinkLimits.ReasonLength)))]);
    }

    private static IEnumerable<V1.ControlMessage> Write(AssignmentsChanged change, Action<AssignmentId, int>? left)
    {
        var chunk = new V1.Assignments { Revision = change.Revision, Full = change.Full };
        var size = 0;
        foreach (var part in Parts(change, left))
        {
            var bytes = part.Size;
            if (size > 0 && size + bytes > LinkLimits.AssignmentsBytes)
            {
                chunk.More = true;
                yield return new V1.ControlMessage { Assignments = chunk };
                chunk = new V1.Assignments { Revision = change.Revision, Full = change.Full };
                size = 0;
            }
            if (part.Upsert is not null)
                chunk.Upserts.Add(part.Upsert);
            else
                chunk.Removed.Add(part.Removed);
            size += bytes;
        }
        yield return new V1.ControlMessage { Assignments = chunk };
    }

    private static IEnumerable<Part> Parts(AssignmentsChanged change, Action<AssignmentId, int>? left)
    {
        foreach (var id in change.Removed)
            yield return Removed(id);
        foreach (var upsert in change.Upserts)
        {
            var part = new Part(AssignmentCodec.Write(upsert), null);
            // A message has a revision and two flags beside it.
            if (part.Size <= LinkLimits.ControlMessageBytes - 64)
            {
                yield return part;
                continue;
            }
            left?.Invoke(upsert.Id, part.Size);
            if (!change.Full)
                yield return Removed(upsert.Id);
        }
    }

    private static Part Removed(AssignmentId id) => new(null, new V1.AssignmentId { Uid = LinkText.Cut(id.Uid), Location = LinkText.Cut(id.Location) });

    // What ends up as a label, a log line and a row of the API.
    private static string Plain(string text, string field)
    {
        LinkText.Name(text, field);
        return text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '@' or '/' or '-')
            ? text
            : throw new BrokenMessageException($"{field} may hold letters, digits and . _ : @ / - only.");
    }

    private readonly record struct Part(V1.Assignment? Upsert, V1.AssignmentId? Removed)
    {
        // With the tag and the length of the field.
        public int Size => (Upsert?.CalculateSize() ?? Removed!.CalculateSize()) + 6;
    }
}
