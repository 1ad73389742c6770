using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Ports;

/// <summary>
/// A worker's end of its link to the control plane: assignments in, results out. In one process it is a pair of channels, across
/// processes a gRPC stream. The worker keeps every result until it is acknowledged; a resend changes nothing.
/// </summary>
public interface IProbeLink
{
    /// <summary>Connects and says hello.</summary>
    /// <returns>A connection that lives until it is disposed or the other side goes.</returns>
    /// <exception cref="IOException">The control plane cannot be reached, or refused: try again.</exception>
    Task<IProbeConnection> ConnectAsync(WorkerHello hello, CancellationToken cancellationToken);
}

/// <summary>One connection of a worker.</summary>
public interface IProbeConnection : IAsyncDisposable
{
    /// <summary>What the control plane says, in order; ends when the connection does.</summary>
    IAsyncEnumerable<ControlMessage> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>Sends; waits while the control plane is slower than the worker.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken);
}

/// <summary>Who a worker is.</summary>
/// <param name="WorkerId">Unique among workers, stable across reconnects.</param>
/// <param name="Pool">The pool, that is the location, it checks from.</param>
/// <param name="Version">The program's version.</param>
public sealed record WorkerHello(string WorkerId, string Pool, string Version)
{
    /// <summary>The protocol that this program speaks.</summary>
    public const int CurrentProtocol = 1;

    /// <summary>The protocol that the worker speaks.</summary>
    public int Protocol { get; init; } = CurrentProtocol;

    /// <summary>The sequence of the newest <see cref="ResultBatch"/> it has made; 0 before the first.</summary>
    public long LastSequence { get; init; }

    /// <summary>Its weight among the workers of its pool, at least 1: one of weight 2 is given twice the monitors of one of weight 1.</summary>
    public int Capacity { get; init; } = 1;
}

/// <summary>From the control plane to a worker.</summary>
public abstract record ControlMessage;

/// <summary>What the worker checks from now on.</summary>
/// <param name="Revision">Grows with each change.</param>
/// <param name="Full">True: <paramref name="Upserts"/> is all there is; false: a change to what was said before.</param>
/// <param name="Upserts">New or changed assignments.</param>
/// <param name="Removed">Assignments that are no longer this worker's.</param>
public sealed record AssignmentsChanged(
    long Revision, bool Full, IReadOnlyList<Assignment> Upserts, IReadOnlyList<AssignmentId> Removed) : ControlMessage;

/// <summary>Every batch up to and including this sequence number is stored.</summary>
/// <param name="Sequence">A <see cref="ResultBatch.Sequence"/>.</param>
public sealed record ResultsAcknowledged(long Sequence) : ControlMessage;

/// <summary>Make one check now, of kind manual.</summary>
/// <param name="Id">Of which assignment.</param>
/// <param name="DueTime">The due time that the result carries, ms since the Unix epoch.</param>
public sealed record RunNow(AssignmentId Id, long DueTime) : ControlMessage;

/// <summary>A leaving worker is done: what it checked has been handed over, or there is nobody to hand it to.</summary>
/// <param name="Reason">One sentence.</param>
public sealed record Drain(string Reason) : ControlMessage;

/// <summary>From a worker to the control plane.</summary>
public abstract record WorkerMessage;

/// <summary>A change of assignments is in force at the worker, but for what it refused.</summary>
/// <param name="Revision">Of the <see cref="AssignmentsChanged"/>.</param>
/// <param name="Refused">Assignments that the worker cannot check, and why.</param>
public sealed record AssignmentsApplied(long Revision, IReadOnlyList<RefusedAssignment> Refused) : WorkerMessage;

/// <summary>An assignment that a worker cannot check.</summary>
/// <param name="Id">Which.</param>
/// <param name="Reason">One sentence.</param>
public readonly record struct RefusedAssignment(AssignmentId Id, string Reason);

/// <summary>The worker is about to stop: it goes on checking until it is told <see cref="Drain"/>.</summary>
/// <param name="Reason">One sentence.</param>
public sealed record WorkerLeaving(string Reason) : WorkerMessage;

/// <summary>Results, oldest first.</summary>
/// <param name="Sequence">Counts the batches of a worker from 1; a resend has the same number and content.</param>
/// <param name="Results">At most a few thousand.</param>
public sealed record ResultBatch(long Sequence, IReadOnlyList<CheckResult> Results) : WorkerMessage;

/// <summary>A worker's sign of life, every 2 s.</summary>
/// <param name="Clock">The worker's wall clock, ms since the Unix epoch.</param>
/// <param name="InFlight">Checks that are running.</param>
/// <param name="Assigned">Assignments held.</param>
/// <param name="Missed">Due times skipped because the check before was still running, since the worker started.</param>
/// <param name="LagP99Millis">99th percentile of the lateness of the checks started since the last sign of life, ms.</param>
/// <param name="Unacknowledged">Results that wait for their acknowledgement.</param>
/// <param name="Dropped">Results lost because too many waited, since the worker started.</param>
public sealed record WorkerHeartbeat(
    long Clock, int InFlight, int Assigned, long Missed, double LagP99Millis, int Unacknowledged, long Dropped) : WorkerMessage
{
    /// <summary>The worker's load, 1 is full; null where it does not say.</summary>
    public double? Load { get; init; }
}
