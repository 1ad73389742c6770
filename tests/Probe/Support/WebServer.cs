using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>Kestrel on loopback, clear or with TLS.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebServer(WebApplication app) => this.app = app;

    /// <summary>Ids of the connections that requests came over, in order.</summary>
    public ConcurrentQueue<string> Connections { get; } = new();

    public int Port { get; private set; }

    public static async Task<WebServer> StartAsync(
        RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null, Action<HttpsConnectionAdapterOptions>? tls = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
                listen.UseHttps(certificate, options => tls?.Invoke(options));
        }));
        var server = new WebServer(builder.Build());
        server.app.Run(context =>
        {
            server.Connections.Enqueue(context.Connection.Id);
            return handle(context);
        });
        await server.app.StartAsync();
        server.Port = new Uri(server.app.Urls.Single()).Port;
        return server;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
