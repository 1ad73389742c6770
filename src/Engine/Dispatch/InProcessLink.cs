using System.Runtime.CompilerServices;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The link of a worker in the control plane's own process: what the gRPC stream is between two.</summary>
internal sealed class InProcessLink(Dispatcher dispatcher) : IProbeLink
{
    /// <inheritdoc/>
    public Task<IProbeConnection> ConnectAsync(WorkerHello hello, CancellationToken cancellationToken) =>
        Task.FromResult<IProbeConnection>(new Connection(dispatcher, dispatcher.Connect(hello)));

    private sealed class Connection(Dispatcher dispatcher, ProbeSession session) : IProbeConnection
    {
        public async IAsyncEnumerable<ControlMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var message in session.ReadAllAsync(cancellationToken))
                yield return message;
        }

        public ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken) =>
            dispatcher.ReceiveAsync(session, message, cancellationToken);

        public ValueTask DisposeAsync()
        {
            dispatcher.Disconnect(session);
            return ValueTask.CompletedTask;
        }
    }
}
