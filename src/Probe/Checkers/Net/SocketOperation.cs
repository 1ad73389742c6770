using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>
/// Socket operations that end in a <see cref="SocketError"/> instead of an exception, on an object that outlives its socket. A fresh
/// connection each check would otherwise allocate one a socket, and a target that is down would throw through every frame.
/// One operation at a time.
/// </summary>
internal sealed class SocketOperation() : SocketAsyncEventArgs(true), IValueTaskSource<SocketError>
{
    private const int MaxPooled = 1024;
    private static readonly ConcurrentQueue<SocketOperation> Pool = new();

    // Not readonly: a mutable struct.
    private ManualResetValueTaskSourceCore<SocketError> _core;

    public static SocketOperation Rent() => Pool.TryDequeue(out var pooled) ? pooled : new SocketOperation();

    public static void Return(SocketOperation operation)
    {
        operation.SetBuffer(default);
        operation.RemoteEndPoint = null;
        if (Pool.Count < MaxPooled)
            Pool.Enqueue(operation);
        else
            operation.Dispose();
    }

    public ValueTask<SocketError> ConnectAsync(Socket socket, EndPoint remote)
    {
        RemoteEndPoint = remote;
        return Start(socket, static (socket, operation) => socket.ConnectAsync(operation));
    }

    public ValueTask<SocketError> SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        SetBuffer(MemoryMarshal.AsMemory(bytes));
        return Start(socket, static (socket, operation) => socket.SendAsync(operation));
    }

    public ValueTask<SocketError> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        return Start(socket, static (socket, operation) => socket.ReceiveAsync(operation));
    }

    private ValueTask<SocketError> Start(Socket socket, Func<Socket, SocketOperation, bool> start)
    {
        _core.Reset();
        try
        {
            return start(socket, this) ? new ValueTask<SocketError>(this, _core.Version) : new ValueTask<SocketError>(SocketError);
        }
        catch (ObjectDisposedException)
        {
            // The time limit closed the socket between two operations.
            return new ValueTask<SocketError>(SocketError.OperationAborted);
        }
        catch (SocketException e)
        {
            return new ValueTask<SocketError>(e.SocketErrorCode);
        }
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => _core.SetResult(SocketError);

    SocketError IValueTaskSource<SocketError>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<SocketError>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SocketError>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
