using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>Something to check: answers what a test wants.</summary>
internal sealed class StubTarget : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private StubTarget(WebApplication app)
    {
        _app = app;
        app.Run(async context =>
        {
            Interlocked.Increment(ref _requests);
            LastKey = context.Request.Headers["X-Key"];
            context.Response.StatusCode = Status;
            await context.Response.WriteAsync("so it is");
        });
    }

    public int Status { get; set; } = 200;

    /// <summary>The header X-Key of the last request; null where it had none.</summary>
    public string? LastKey { get; private set; }

    public int Requests => Volatile.Read(ref _requests);

    public string Url => _app.Urls.First();

    public static async Task<StubTarget> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var target = new StubTarget(app);
        await app.StartAsync(cancellationToken);
        return target;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
