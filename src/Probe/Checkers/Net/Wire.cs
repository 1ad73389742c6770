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
    private readonly Socket _socket;
    private readonly SocketOperation _operation = SocketOperation.Rent();
    private CancellationTokenRegistration _abort;
    private SslStream? _tls;
    private bool _disposed;

    private Wire(Socket socket) => _socket = socket;

    /// <summary>What went wrong last, for messages.</summary>
    public SocketError Error { get; private set; }

    /// <summary>Set once TLS is spoken.</summary>
    public SslStream? Tls => _tls;

    /// <summary>Connects to one address. On failure <see cref="Error"/> says why, and the wire is still to be disposed.</summary>
    public static async ValueTask<Wire> ConnectAsync(IPEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var wire = new Wire(socket);
        wire.TieTo(cancellationToken);
        wire.Error = await wire._operation.ConnectAsync(socket, remote).ConfigureAwait(false);
        return wire;
    }

    /// <summary>From now on this token, and no other, closes the connection.</summary>
    public void TieTo(CancellationToken cancellationToken)
    {
        _abort.Dispose();
        _abort = cancellationToken.UnsafeRegister(static wire => ((Wire)wire!)._socket.Close(0), this);
    }

    /// <summary>The connection as a stream that closes it.</summary>
    /// <exception cref="IOException">It is gone already.</exception>
    public Stream AsStream() => _tls ?? (Stream)new NetworkStream(_socket, ownsSocket: true);

    /// <summary>Hands the connection over to somebody who keeps it longer than a check; the wire is of no more use.</summary>
    /// <exception cref="IOException">It is gone already.</exception>
    public Stream Detach()
    {
        var stream = AsStream();
        _abort.Dispose();
        SocketOperation.Return(_operation);
        _disposed = true;
        return stream;
    }

    /// <summary>Reads and writes go through TLS from now on.</summary>
    public void Secure(SslStream stream) => _tls = stream;

    /// <returns>False where the connection is gone.</returns>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_tls is not null)
            return await SendTlsAsync(_tls, bytes, cancellationToken).ConfigureAwait(false);
        while (bytes.Length > 0)
        {
            Error = await _operation.SendAsync(_socket, bytes).ConfigureAwait(false);
            if (Error != SocketError.Success)
                return false;
            bytes = bytes[_operation.BytesTransferred..];
        }
        return true;
    }

    /// <returns>Bytes read, 0 at the end of the stream, -1 where the connection broke.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _tls is null ? ReceivePlainAsync(buffer) : ReceiveTlsAsync(_tls, buffer, cancellationToken);

    private async ValueTask<int> ReceivePlainAsync(Memory<byte> buffer)
    {
        Error = await _operation.ReceiveAsync(_socket, buffer).ConfigureAwait(false);
        return Error == SocketError.Success ? _operation.BytesTransferred : -1;
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
        if (_disposed)
            return;
        _disposed = true;
        _abort.Dispose();
        _socket.Close(0);
        _tls?.Dispose();
        SocketOperation.Return(_operation);
    }
}
