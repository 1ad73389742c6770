using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Bench.Processes;

/// <summary>A target that accepts connections and never answers.</summary>
internal sealed class BlackHole : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Socket> _held = new();
    private readonly Task _accepting;

    public BlackHole()
    {
        _listener.Start(4096);
        _accepting = AcceptAsync(_stop.Token);
    }

    /// <summary>What to probe.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        foreach (var socket in _held)
            socket.Dispose();
        _stop.Dispose();
    }

    // Those that were given up long ago are let go.
    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                _held.Enqueue(await _listener.AcceptSocketAsync(cancellationToken));
                if (_held.Count > 5000)
                    _held.Dequeue().Dispose();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The bench is at its end.
        }
    }
}
