using System.Net;
using System.Net.Sockets;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>Where to connect to.</summary>
/// <param name="Host">A name or an address literal without brackets.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Family">Addresses that may be used.</param>
/// <param name="Tls">How TLS is spoken; null: not.</param>
internal sealed record ConnectTarget(string Host, int Port, IpFamily Family, TlsSettings? Tls)
{
    /// <summary>The host where it is an address and of a family that may be used: needs no resolver.</summary>
    public IPEndPoint? Literal { get; } =
        IPAddress.TryParse(Host, out var address)
        && (Family == IpFamily.Any || (Family == IpFamily.V4) == (Plain(address).AddressFamily == AddressFamily.InterNetwork))
            ? new IPEndPoint(Plain(address), Port)
            : null;

    /// <summary>An IPv4 address that is written as an IPv6 one (<c>::ffff:a.b.c.d</c>) is reached over IPv4.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
