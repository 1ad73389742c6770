using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>Marks a connection that came in through the link's listener: the two listeners of the process serve different things.</summary>
internal sealed class LinkConnection
{
    // Each worker has one; a few more are let in to be told why they are refused.
    private const int MaxConnections = WorkerRoster.MaxWorkers + 100;

    private static readonly LinkConnection Mark = new();

    /// <summary>Whether a request came in through the link's listener.</summary>
    public static bool Is(HttpContext context) => context.Features.Get<LinkConnection>() is not null;

    /// <summary>Whether secrets may be sent back on it: it is encrypted, or does not leave the machine.</summary>
    public static bool IsSecure(HttpContext context) =>
        context.Features.Get<ITlsHandshakeFeature>() is not null
        || (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address));

    /// <summary>Listens for workers: HTTP/2, in the open or with the certificate of the options.</summary>
    public static void Listen(KestrelServerOptions kestrel, EngineOptions options)
    {
        if (options.LinkPort is not { } port)
            return;
        // The API speaks HTTP/1 alone: these are the link's.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 4;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(5);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
        // A call's header is a token and little else. What is on its way unread is bounded by the windows: a thousand workers take 256 MiB at most.
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = 16 * 1024;
        kestrel.Limits.Http2.HeaderTableSize = 4096;
        kestrel.Limits.Http2.MaxFrameSize = 16 * 1024;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 256 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 192 * 1024;
        kestrel.Listen(EngineOptionsValidator.BindAddress(options.Bind) ?? IPAddress.Loopback, port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            var open = 0;
            endpoint.Use(next => async connection =>
            {
                connection.Features.Set(Mark);
                try
                {
                    if (Interlocked.Increment(ref open) <= MaxConnections)
                        await next(connection);
                    else
                        connection.Abort(new ConnectionAbortedException("Too many connections."));
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            });
            if (options.LinkTlsCert is { } certificate && options.LinkTlsKey is { } key)
            {
                var loaded = new LinkCertificate(
                    certificate, key, TimeProvider.System, kestrel.ApplicationServices.GetRequiredService<ILogger<LinkCertificate>>());
                endpoint.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ApplicationProtocols = [SslApplicationProtocol.Http2],
                        ServerCertificateContext = loaded.Current ?? throw new AuthenticationException("The link has no certificate that can be used."),
                    }),
                });
            }
        });
    }
}
