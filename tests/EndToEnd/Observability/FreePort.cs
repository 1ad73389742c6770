using System.Net;
using System.Net.Sockets;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>A port for a program that must be told one.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var finder = new TcpListener(IPAddress.Loopback, 0);
        finder.Start();
        return ((IPEndPoint)finder.LocalEndpoint).Port;
    }
}
