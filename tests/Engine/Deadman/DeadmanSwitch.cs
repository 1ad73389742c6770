using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Deadman;

/// <summary>A dead man's switch on loopback that keeps who called.</summary>
internal sealed class DeadmanSwitch : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DeadmanSwitch(WebApplication app) => _app = app;

    /// <summary>Method, path and query of each call, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What calls are answered with.</summary>
    public int Status { get; set; } = 200;

    public string Url => $"{_app.Urls.First()}/ping/hush";

    public static async Task<DeadmanSwitch> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var called = new DeadmanSwitch(builder.Build());
        called._app.Run(called.Answer);
        await called._app.StartAsync(cancellationToken);
        return called;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task Answer(HttpContext context)
    {
        Calls.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        context.Response.StatusCode = Status;
        context.Response.Headers.Location = "/elsewhere";
        return Task.CompletedTask;
    }
}
