using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>A target whose port stays the same while it is stopped and started again.</summary>
internal sealed class StubTarget : IAsyncDisposable
{
    private readonly int _port;
    private WebApplication? _app;

    private StubTarget(int port) => _port = port;

    /// <summary>Its URL.</summary>
    public string Url => $"http://127.0.0.1:{_port}/";

    /// <summary>The status that it answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Starts one on a port that the system picks.</summary>
    public static async Task<StubTarget> StartAsync()
    {
        using var finder = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        finder.Start();
        var port = ((IPEndPoint)finder.LocalEndpoint).Port;
        finder.Stop();
        var target = new StubTarget(port);
        await target.UpAsync();
        return target;
    }

    /// <summary>Lets it answer.</summary>
    public async Task UpAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, _port));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Run(context =>
        {
            context.Response.StatusCode = Status;
            return context.Response.WriteAsync("ok");
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
    public async ValueTask DisposeAsync() => await DownAsync();
}
