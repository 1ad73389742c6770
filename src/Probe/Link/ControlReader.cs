using System.Collections.Concurrent;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Spooling;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Link;

/// <summary>
/// The worker's side of the messages of one connection. A change of assignments may come in parts; of its manifests each is read strictly, and those
/// that cannot be checked are left out and named in the answer. One thread reads.
/// </summary>
internal sealed class ControlReader
{
    // More than a worker is ever given; a control plane that sends it is none.
    private const int MostAssignments = 500_000;
    private const long MostManifest = 1L << 30;

    private readonly ConcurrentDictionary<long, List<RefusedAssignment>> _refused = new();
    private List<Assignment> _upserts = [];
    private List<AssignmentId> _removed = [];
    private List<RefusedAssignment> _unfit = [];
    private bool _full;
    private long _size;

    /// <summary>The worker's first message.</summary>
    public static Proto.WorkerMessage Hello(WorkerHello hello) => new()
    {
        Hello = new Proto.Hello
        {
            WorkerId = hello.WorkerId,
            Pool = hello.Pool,
            Version = hello.Version,
            Protocol = (uint)hello.Protocol,
            LastSequence = hello.LastSequence,
            Capacity = (uint)hello.Capacity,
        },
    };

    /// <summary>What the control plane said.</summary>
    /// <returns>Null for a part of a message, and for one of a later version.</returns>
    /// <exception cref="IOException">It says what no control plane says.</exception>
    public ControlMessage? Read(Proto.ControlMessage message) => message.BodyCase switch
    {
        Proto.ControlMessage.BodyOneofCase.Assignments => Read(message.Assignments),
        Proto.ControlMessage.BodyOneofCase.Ack => new ResultsAcknowledged(message.Ack.Sequence),
        Proto.ControlMessage.BodyOneofCase.RunNow =>
            new RunNow(new AssignmentId(message.RunNow.Uid, message.RunNow.Location), message.RunNow.DueMs),
        Proto.ControlMessage.BodyOneofCase.Drain => new Drain(message.Drain.Reason),
        _ => null,
    };

    /// <summary>What the worker says.</summary>
    public Proto.WorkerMessage Write(WorkerMessage message) => message switch
    {
        ResultBatch batch => new() { Results = ResultMessages.Of(batch) },
        WorkerHeartbeat beat => new()
        {
            Heartbeat = new Proto.Heartbeat
            {
                ClockMs = beat.Clock,
                InFlight = beat.InFlight,
                Assigned = beat.Assigned,
                Missed = beat.Missed,
                LagP99Ms = beat.LagP99Millis,
                Unacknowledged = beat.Unacknowledged,
                Dropped = beat.Dropped,
            },
        },
        AssignmentsApplied applied => new() { Applied = Applied(applied) },
        WorkerLeaving leaving => new() { Leaving = new Proto.Leaving { Reason = leaving.Reason } },
        _ => throw new ArgumentOutOfRangeException(nameof(message), message.GetType().Name, "The link knows no such message."),
    };

    private AssignmentsChanged? Read(Proto.Assignments part)
    {
        _full |= part.Full;
        _size += part.CalculateSize();
        if (_size > MostManifest || _upserts.Count + part.Upserts.Count > MostAssignments || _removed.Count + part.Removed.Count > MostAssignments)
            throw new IOException("it sent more assignments than a worker can hold");
        foreach (var removed in part.Removed)
            _removed.Add(new AssignmentId(removed.Uid, removed.Location));
        foreach (var upsert in part.Upserts)
            Read(upsert);
        if (part.More)
            return null;
        var change = new AssignmentsChanged(part.Revision, _full, _upserts, _removed);
        if (_unfit.Count > 0)
            _refused[part.Revision] = _unfit;
        (_upserts, _removed, _unfit, _full, _size) = ([], [], [], false, 0);
        return change;
    }

    private void Read(Proto.Assignment message)
    {
        var id = new AssignmentId(message.Uid, message.Location);
        if (message.Uid.Length == 0 || message.Location.Length == 0)
        {
            Refuse(id, "it has no uid or no location");
            return;
        }
        var documents = ManifestReader.Read(message.Manifest, $"{message.Namespace}/{message.Name}");
        if (documents is not [{ Monitor: { } declared }])
        {
            var errors = documents.SelectMany(d => d.Errors).Take(3).ToList();
            Refuse(id, errors.Count > 0 ? string.Join("; ", errors) : "its manifest is not one ServiceMonitor");
            return;
        }
        if (!declared.CanCheck())
        {
            Refuse(id, "this version of the worker cannot check it");
            return;
        }
        var monitor = declared.ToMonitor(message.Uid, message.Generation) with { Key = new MonitorKey(message.Namespace, message.Name) };
        var secrets = new Dictionary<SecretRef, string>();
        foreach (var secret in message.Secrets)
            secrets[new SecretRef(secret.Name, secret.Key)] = secret.Value;
        _upserts.Add(Assignment.Of(monitor, message.Location, secrets) with { CheckSoon = message.CheckSoon });
    }

    // What was held under this identity is of another form by now.
    private void Refuse(AssignmentId id, string reason)
    {
        _unfit.Add(new RefusedAssignment(id, reason));
        _removed.Add(id);
    }

    private Proto.Applied Applied(AssignmentsApplied applied)
    {
        var message = new Proto.Applied { Revision = applied.Revision };
        _refused.TryRemove(applied.Revision, out var unfit);
        foreach (var refused in applied.Refused.Concat(unfit ?? []))
            message.Refused.Add(new Proto.Refused { Uid = refused.Id.Uid, Location = refused.Id.Location, Reason = refused.Reason });
        return message;
    }
}
