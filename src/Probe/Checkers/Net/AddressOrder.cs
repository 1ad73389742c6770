using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>The order in which a name's addresses are tried: IPv6 first, families in turn (RFC 8305), those without a route last.</summary>
internal static class AddressOrder
{
    public static IReadOnlyList<IPAddress> Of(IPAddress[] six, IPAddress[] four)
    {
        if (six.Length == 0 || four.Length == 0)
            return six.Length == 0 ? four : six;
        var (first, second) = HasRoute(six[0]) ? (six, four) : (four, six);
        var mixed = new List<IPAddress>(six.Length + four.Length);
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length)
                mixed.Add(first[i]);
            if (i < second.Length)
                mixed.Add(second[i]);
        }
        return mixed;
    }

    /// <summary>Connecting a datagram socket looks the route up and sends nothing (RFC 6724, rule 1: avoid unusable destinations).</summary>
    private static bool HasRoute(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, 9);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
