using System.Net.Sockets;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>Socket errors in plain words, as the end of a sentence that names the address.</summary>
internal static class SocketErrors
{
    public static string Say(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "refused the connection",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "reset the connection",
        SocketError.HostUnreachable => "cannot be reached (no route to host)",
        SocketError.NetworkUnreachable => "cannot be reached (network unreachable)",
        SocketError.TimedOut => "did not answer",
        SocketError.OperationAborted => "did not answer in time",
        SocketError.AccessDenied => "may not be connected to (permission denied)",
        SocketError.AddressNotAvailable => "cannot be connected to (no local address or port is free)",
        SocketError.TooManyOpenSockets => "cannot be connected to (too many open files)",
        _ => $"failed ({error})",
    };
}
