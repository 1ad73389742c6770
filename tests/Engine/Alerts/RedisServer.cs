using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>A real Redis of one's own on a port that the system picked; it can be stopped and started again, and keeps nothing on the disk.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly int _port = FreePort();
    private Process? _process;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public static async Task<RedisServer> StartNewAsync(CancellationToken cancellationToken)
    {
        var server = new RedisServer();
        await server.StartAsync(cancellationToken);
        return server;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A pipe to a shell that ends it when this process does, however that comes about.
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", """redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no >/dev/null </dev/null & cat >/dev/null; kill -KILL $!; wait""", "redis", _port.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        await Eventually.True(Listens, "redis-server listens: is Debian's package redis-server installed (eng/install-test-tools.sh)?", cancellationToken);
    }

    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private bool Listens()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
