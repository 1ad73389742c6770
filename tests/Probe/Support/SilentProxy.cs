using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>Passes bytes on until it is told to go silent: then it holds its connections open and says nothing, as a host does that is gone.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource silent = new();
    private readonly ConcurrentBag<TcpClient> clients = [];
    private readonly Task accepting;

    public SilentProxy(int target)
    {
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync(target);
    }

    public int Port { get; }

    public void GoSilent() => silent.Cancel();

    private async Task AcceptAsync(int target)
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var inner = await listener.AcceptTcpClientAsync(silent.Token);
                clients.Add(inner);
                var outer = new TcpClient();
                clients.Add(outer);
                await outer.ConnectAsync(IPAddress.Loopback, target, silent.Token);
                passing.Add(PassAsync(inner, outer));
                passing.Add(PassAsync(outer, inner));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), silent.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Silence, or an end.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await silent.CancelAsync();
        listener.Stop();
        await accepting;
        foreach (var client in clients)
            client.Dispose();
        silent.Dispose();
    }
}
