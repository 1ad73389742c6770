using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>A name server on loopback, UDP. The script gives the answer's code and addresses for "name/TYPE"; null: silence, a negative code: nonsense.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public DnsServer(Func<string, (int Code, string[] Addresses)?> script) => serving = ServeAsync(script);

    public IPEndPoint EndPoint => (IPEndPoint)socket.Client.LocalEndPoint!;

    public ConcurrentQueue<string> Questions { get; } = new();

    private async Task ServeAsync(Func<string, (int Code, string[] Addresses)?> script)
    {
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(stop.Token);
                var query = received.Buffer;
                var labels = new List<string>();
                var at = 12;
                for (; query[at] != 0; at += query[at] + 1)
                    labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
                var v6 = query[at + 2] == 28;
                var question = $"{string.Join('.', labels)}/{(v6 ? "AAAA" : "A")}";
                Questions.Enqueue(question);
                if (script(question) is not var (code, addresses))
                    continue;
                if (code < 0)
                {
                    // Nonsense: the head of an answer that promises records which do not come.
                    await socket.SendAsync((byte[])[query[0], query[1], 0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, .. query[12..(at + 5)], 0xC0, 0xFF, 1], received.RemoteEndPoint, stop.Token);
                    continue;
                }
                var of = addresses.Select(IPAddress.Parse).Where(a => a.AddressFamily == AddressFamily.InterNetworkV6 == v6).ToArray();
                byte[] answer =
                [
                    query[0], query[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)of.Length, 0, 0, 0, 0, .. query[12..(at + 5)],
                    .. of.SelectMany(a => (byte[])[0xC0, 12, 0, (byte)(v6 ? 28 : 1), 0, 1, 0, 0, 0, 60, 0, (byte)(v6 ? 16 : 4), .. a.GetAddressBytes()]),
                ];
                await socket.SendAsync(answer, received.RemoteEndPoint, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        socket.Dispose();
        stop.Dispose();
    }
}
