using System.Diagnostics;
using System.Net;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>Connections that outlive their check (<c>reuseConnection</c>), a pool an assignment. Where one must be opened, the same code opens it.</summary>
internal sealed class PooledTransport : IHttpTransport, IDisposable
{
    private readonly Connector _connector;
    private readonly HttpMessageInvoker _client;

    public PooledTransport(Connector connector, TimeSpan interval)
    {
        _connector = connector;
        var handler = HttpClientExchange.Handler();
        handler.ConnectCallback = ConnectAsync;
        // The pool's own minute is shorter than many intervals.
        handler.PooledConnectionIdleTimeout = interval * 2 + TimeSpan.FromMinutes(1);
        _client = new HttpMessageInvoker(handler);
    }

    public async ValueTask<CheckFailure?> ExchangeAsync(HttpHop hop, HttpAnswer answer, CheckTrace trace, CancellationToken cancellationToken)
    {
        var (version, policy) = hop.Version switch
        {
            HttpProtocol.Http11 => (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact),
            HttpProtocol.Http2 => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
            _ => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
        };
        return await HttpClientExchange.RunAsync(
            _client, hop, new HttpConnect(trace, cancellationToken), answer, version, policy).ConfigureAwait(false);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!context.InitialRequestMessage.Options.TryGetValue(HttpClientExchange.HopKey, out var hop)
            || !context.InitialRequestMessage.Options.TryGetValue(HttpClientExchange.ConnectKey, out var connect))
            throw new InvalidOperationException("A request came that no check sent.");
        // The pool goes on connecting when the request gives up: the check's own token ends it.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connect.CancellationToken);
        var (wire, failure) = await _connector.ConnectAsync(hop.Target, connect.Trace, both.Token).ConfigureAwait(false);
        if (wire is null)
        {
            connect.Failure = failure;
            throw new IOException(failure!.Message);
        }
        connect.ConnectedAt = Stopwatch.GetTimestamp();
        return wire.Detach();
    }

    public void Dispose() => _client.Dispose();
}
