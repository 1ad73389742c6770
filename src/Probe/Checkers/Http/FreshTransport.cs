using System.Net;
using System.Net.Security;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>A fresh connection each request, so that DNS, TCP and TLS are part of what is measured. HTTP/1.1 is our own, HTTP/2 HttpClient's.</summary>
internal sealed class FreshTransport(Connector connector) : IHttpTransport
{
    public async ValueTask<CheckFailure?> ExchangeAsync(HttpHop hop, HttpAnswer answer, CheckTrace trace, CancellationToken cancellationToken)
    {
        var (wire, failure) = await connector.ConnectAsync(hop.Target, trace, cancellationToken).ConfigureAwait(false);
        if (wire is null)
            return failure;
        using (wire)
        {
            var http2 = wire.Tls is null
                ? hop.Version == HttpProtocol.Http2
                : wire.Tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;
            if (http2)
                return await Http2Async(wire, hop, answer, trace, cancellationToken).ConfigureAwait(false);
            return hop.Version == HttpProtocol.Http2
                ? CheckFailure.Down("TLS: the server does not offer HTTP/2 (ALPN)")
                : await Http11Exchange.RunAsync(wire, hop, answer, trace, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<CheckFailure?> Http2Async(
        Wire wire, HttpHop hop, HttpAnswer answer, CheckTrace trace, CancellationToken cancellationToken)
    {
        using var handler = HttpClientExchange.Handler();
        handler.ConnectCallback = (_, _) => ValueTask.FromResult(wire.AsStream());
        using var client = new HttpMessageInvoker(handler);
        return await HttpClientExchange.RunAsync(
            client, hop, new HttpConnect(trace, cancellationToken), answer, HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact).ConfigureAwait(false);
    }
}
