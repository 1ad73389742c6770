using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>A loopback server that does with each connection what the test's script says, well-formed or not.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public RawServer(Func<Stream, string, CancellationToken, Task> script, bool readRequest = true)
    {
        listener.Start();
        serving = ServeAsync(script, readRequest);
    }

    /// <summary>Heads (and what came with them) of the requests, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>Answers every request with these bytes and closes.</summary>
    public static RawServer Answering(string answer) =>
        new((stream, _, token) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), token).AsTask());

    private async Task ServeAsync(Func<Stream, string, CancellationToken, Task> script, bool readRequest)
    {
        var running = new List<Task>();
        try
        {
            while (true)
                running.Add(OneAsync(await listener.AcceptSocketAsync(stop.Token), script, readRequest));
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(running);
    }

    private async Task OneAsync(Socket socket, Func<Stream, string, CancellationToken, Task> script, bool readRequest)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var request = readRequest ? await ReadRequestAsync(stream) : "";
            Requests.Enqueue(request);
            await script(stream, request, stop.Token);
            socket.Shutdown(SocketShutdown.Send);
            // Closing with unread bytes would send a reset in place of the end.
            var rest = new byte[1024];
            while (await stream.ReadAsync(rest, stop.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        var request = new StringBuilder();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, stop.Token);
            if (read == 0)
                return request.ToString();
            request.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var text = request.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                continue;
            var length = text[..end].Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            if (length is null || Encoding.UTF8.GetByteCount(text.AsSpan(end + 4)) >= int.Parse(length.Split(':')[1], null))
                return text;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        listener.Stop();
        stop.Dispose();
    }
}
