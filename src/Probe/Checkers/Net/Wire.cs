using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>
/// One TCP connection of a check, with or without TLS. Reads and writes end in values. When the token of the connection is cancelled the
/// socket is closed, which ends whatever waits on it.
/// </summary>
internal sealed class Wire : IDisposable
{
    private readonly Socket socket;
    private readonly SocketOperation operation = SocketOperation.Rent();
    private CancellationTokenRegistration abort;
    private SslStream? tls;
    private bool disposed;

    private Wire(Socket socket) => this.socket = socket;

    /// <summary>What went wrong last, for messages.</summary>
    public SocketError Error { get; private set; }

    /// <summary>Set once TLS is spoken.</summary>
    public SslStream? Tls => tls;

    /// <summary>Connects to one address. On failure <see cref="Error"/> says why, and the wire is still to be disposed.</summary>
    public static async ValueTask<Wire> ConnectAsync(IPEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var wire = new Wire(socket);
        wire.TieTo(cancellationToken);
        wire.Error = await wire.operation.ConnectAsync(socket, remote).ConfigureAwait(false);
        return wire;
    }

    /// <summary>From now on this token, and no other, closes the connection.</summary>
    public void TieTo(CancellationToken cancellationToken)
    {
        abort.Dispose();
        abort = cancellationToken.UnsafeRegister(static wire => ((Wire)wire!).socket.Close(0), this);
    }

    /// <summary>The connection as a stream that closes it.</summary>
    /// <exception cref="IOException">It is gone already.</exception>
    public Stream AsStream() => tls ?? (Stream)new NetworkStream(socket, ownsSocket: true);

    /// <summary>Hands the connection over to somebody who keeps it longer than a check; the wire is of no more use.</summary>
    /// <exception cref="IOException">It is gone already.</exception>
    public Stream Detach()
    {
        var stream = AsStream();
        abort.Dispose();
        SocketOperation.Return(operation);
        disposed = true;
        return stream;
    }

    /// <summary>Reads and writes go through TLS from now on.</summary>
    public void Secure(SslStream stream) => tls = stream;

    /// <returns>False where the connection is gone.</returns>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (tls is not null)
            return await SendTlsAsync(tls, bytes, cancellationToken).ConfigureAwait(false);
        while (bytes.Length > 0)
        {
            Error = await operation.SendAsync(socket, bytes).ConfigureAwait(false);
            if (Error != SocketError.Success)
                return false;
            bytes = bytes[operation.BytesTransferred..];
        }
        return true;
    }

    /// <returns>Bytes read, 0 at the end of the stream, -1 where the connection broke.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        tls is null ? ReceivePlainAsync(buffer) : ReceiveTlsAsync(tls, buffer, cancellationToken);

    private async ValueTask<int> ReceivePlainAsync(Memory<byte> buffer)
    {
        Error = await operation.ReceiveAsync(socket, buffer).ConfigureAwait(false);
        return Error == SocketError.Success ? operation.BytesTransferred : -1;
    }

    private async ValueTask<bool> SendTlsAsync(SslStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (IsBroken(e))
        {
            Error = Reason(e);
            return false;
        }
    }

    private async ValueTask<int> ReceiveTlsAsync(SslStream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            Error = Reason(e);
            return -1;
        }
    }

    /// <summary>The ways in which a stream over a closed, reset or aborted socket ends.</summary>
    public static bool IsBroken(Exception e) => e is IOException or ObjectDisposedException or OperationCanceledException or SocketException;

    private static SocketError Reason(Exception e) => e switch
    {
        SocketException socket => socket.SocketErrorCode,
        IOException { InnerException: SocketException socket } => socket.SocketErrorCode,
        OperationCanceledException or ObjectDisposedException => SocketError.OperationAborted,
        _ => SocketError.ConnectionReset,
    };

    /// <summary>
    /// Closes with a reset (linger 0): a worker that closed thousands of short connections a second in the ordinary way would run out of
    /// ports in TIME_WAIT. Harmless here, because a check has read all it wants before it closes.
    /// </summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        abort.Dispose();
        socket.Close(0);
        tls?.Dispose();
        SocketOperation.Return(operation);
    }
}
