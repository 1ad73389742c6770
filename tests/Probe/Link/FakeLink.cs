using System.Collections.Concurrent;
using System.Threading.Channels;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>The control plane's end, played by the test.</summary>
internal sealed class FakeLink : IProbeLink
{
    private int refusals;

    public ConcurrentQueue<WorkerHello> Hellos { get; } = new();
    public ConcurrentQueue<FakeConnection> Connections { get; } = new();

    /// <summary>Acknowledge each batch as it comes.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>Sent to every new connection first.</summary>
    public AssignmentsChanged? Greeting { get; set; }

    /// <summary>Tells a leaving worker at once that it may stop.</summary>
    public bool Drains { get; set; } = true;

    public bool Away { get; set; }
    public int Refusals => Volatile.Read(ref refusals);

    public FakeConnection Current => Connections.Last();

    public IEnumerable<CheckResult> Results => Connections.SelectMany(c => c.Batches).DistinctBy(b => b.Sequence).SelectMany(b => b.Results);

    public Task<IProbeConnection> ConnectAsync(WorkerHello hello, CancellationToken cancellationToken)
    {
        if (Away)
        {
            Interlocked.Increment(ref refusals);
            throw new IOException("the control plane is away");
        }
        var connection = new FakeConnection(this);
        if (Greeting is not null)
            connection.Say(Greeting);
        Hellos.Enqueue(hello);
        Connections.Enqueue(connection);
        return Task.FromResult<IProbeConnection>(connection);
    }

    public Task ConnectedAsync(int times) => Checks.UntilAsync(() => Connections.Count >= times, $"{times} connections");
}

internal sealed class FakeConnection(FakeLink link) : IProbeConnection
{
    private readonly Channel<ControlMessage> control = Channel.CreateUnbounded<ControlMessage>();
    private volatile bool broken;

    public ConcurrentQueue<ResultBatch> Batches { get; } = new();
    public ConcurrentQueue<WorkerHeartbeat> Heartbeats { get; } = new();
    public ConcurrentQueue<AssignmentsApplied> Applied { get; } = new();
    public ConcurrentQueue<WorkerLeaving> Leavings { get; } = new();
    public bool Disposed { get; private set; }

    public void Say(ControlMessage message) => control.Writer.TryWrite(message);

    /// <summary>The line is cut.</summary>
    public void Break()
    {
        broken = true;
        control.Writer.TryComplete(new IOException("the line is cut"));
    }

    /// <summary>The control plane hangs up in the ordinary way.</summary>
    public void HangUp()
    {
        broken = true;
        control.Writer.TryComplete();
    }

    public IAsyncEnumerable<ControlMessage> ReadAllAsync(CancellationToken cancellationToken) => control.Reader.ReadAllAsync(cancellationToken);

    public ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (broken)
            throw new IOException("the line is cut");
        if (message is ResultBatch batch)
        {
            Batches.Enqueue(batch);
            if (link.Acknowledges)
                Say(new ResultsAcknowledged(batch.Sequence));
        }
        if (message is AssignmentsApplied applied)
            Applied.Enqueue(applied);
        if (message is WorkerLeaving leaving)
        {
            Leavings.Enqueue(leaving);
            if (link.Drains)
                Say(new Drain("handed over"));
        }
        if (message is WorkerHeartbeat heartbeat)
            Heartbeats.Enqueue(heartbeat);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
