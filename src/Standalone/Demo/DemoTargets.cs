using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HealthTrack.Standalone.Demo;

/// <summary>
/// Targets on this machine that are well, slow, flaky, failing and down, so that a newcomer without a network sees every colour. They listen on
/// 127.0.0.1, on a port that the system picks.
/// </summary>
internal sealed class DemoTargets : IAsyncDisposable
{
    private readonly WebApplication _app;

    // Bound but not listening: who connects is refused, and nobody else can take the port meanwhile.
    private readonly Socket _refusing = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private int _flakyRequests;

    private DemoTargets()
    {
        _refusing.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        Map(_app);
    }

    /// <summary>Where the targets answer, without a trailing slash.</summary>
    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Where every connection is refused.</summary>
    public string RefusingUrl => $"http://{_refusing.LocalEndPoint}";

    /// <summary>Starts them.</summary>
    public static async Task<DemoTargets> StartAsync(CancellationToken cancellationToken)
    {
        var targets = new DemoTargets();
        await targets._app.StartAsync(cancellationToken);
        return targets;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _refusing.Dispose();
        await _app.DisposeAsync();
    }

    private void Map(WebApplication app)
    {
        app.MapGet("/fast", () => Answer("ok", 0, 3));
        app.MapGet("/well", () => Answer("""{"status":"ok","version":"v2.14.0"}""", 20, 60));
        app.MapGet("/slow", () => Answer("ok", 1050, 1400));
        app.MapGet("/slower", () => Answer("ok", 1700, 2100));
        app.MapGet("/hangs", () => Answer("ok", 30_000, 30_000));
        app.MapGet("/failing", () => Results.Text("out of connections", statusCode: 503));
        app.MapGet("/missing", () => Results.NotFound());
        app.MapGet("/flaky", async () => Interlocked.Increment(ref _flakyRequests) % 9 == 4
            ? Results.StatusCode(500)
            : await Answer("ok", 80, 240));
        app.MapGet("/maintenance", () => Answer("""{"status":"maintenance"}""", 5, 20));
    }

    private static async Task<IResult> Answer(string body, int minMillis, int maxMillis)
    {
        var delay = TimeSpan.FromMilliseconds(Random.Shared.Next(minMillis, maxMillis + 1));
        await Task.Delay(delay, TimeProvider.System, CancellationToken.None);
        return Results.Text(body, body[0] == '{' ? "application/json" : "text/plain");
    }
}
