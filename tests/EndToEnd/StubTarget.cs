using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>A target whose port stays the same while it is stopped and started again.</summary>
internal sealed class StubTarget : IAsyncDisposable
{
    private readonly int _port;
    private readonly X509Certificate2? _certificate;
    private WebApplication? _app;

    private StubTarget(int port, X509Certificate2? certificate) => (_port, _certificate) = (port, certificate);

    /// <summary>Its URL.</summary>
    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_port}/";

    /// <summary>The status that it answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>How long it takes to answer.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Completes when the first request has come.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts one on a port that the system picks.</summary>
    /// <param name="https">Whether it speaks TLS, with a certificate that it signed itself.</param>
    public static async Task<StubTarget> StartAsync(bool https = false)
    {
        using var finder = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        finder.Start();
        var port = ((IPEndPoint)finder.LocalEndpoint).Port;
        finder.Stop();
        var target = new StubTarget(port, https ? Certificate() : null);
        await target.UpAsync();
        return target;
    }

    /// <summary>Lets it answer.</summary>
    public async Task UpAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, _port, listen =>
        {
            if (_certificate is not null)
                listen.UseHttps(_certificate);
        }));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Run(async context =>
        {
            Asked.TrySetResult();
            await Task.Delay(Delay, TimeProvider.System, context.RequestAborted);
            context.Response.StatusCode = Status;
            await context.Response.WriteAsync("ok");
        });
        await _app.StartAsync();
    }

    /// <summary>Stops it: connections are refused.</summary>
    public async Task DownAsync()
    {
        if (_app is null)
            return;
        await _app.DisposeAsync();
        _app = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        _certificate?.Dispose();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
    }
}
