using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>A receiver of notifications on loopback that keeps what it is sent and answers what the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private int _held;

    private Receiver(WebApplication app) => _app = app;

    /// <summary>What came, in order: the idempotency key and the body.</summary>
    public ConcurrentQueue<(string Key, JsonNode Body)> Messages { get; } = new();

    /// <summary>What the next messages are answered with; 200 where nothing is said.</summary>
    public ConcurrentQueue<(int Status, string? RetryAfter)> Answers { get; } = new();

    /// <summary>Held answers end with this.</summary>
    public SemaphoreSlim? Hold { get; set; }

    /// <summary>What every message is answered with where <see cref="Answers"/> says nothing.</summary>
    public int Status { get; set; } = 200;

    /// <summary>How many messages were held at once, at most.</summary>
    public int MostHeld { get; private set; }

    public string Url => $"{_app.Urls.First()}/hook";

    public static async Task<Receiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._app.MapPost("/hook", receiver.TakeAsync);
        await receiver._app.StartAsync(cancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        Messages.Enqueue((context.Request.Headers["Idempotency-Key"].ToString(), body!));
        if (Hold is { } hold)
        {
            lock (_gate)
                MostHeld = Math.Max(MostHeld, ++_held);
            try
            {
                await hold.WaitAsync(context.RequestAborted);
            }
            finally
            {
                lock (_gate)
                    _held--;
            }
        }
        context.Response.StatusCode = Status;
        if (!Answers.TryDequeue(out var answer))
            return;
        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is not null)
            context.Response.Headers.RetryAfter = answer.RetryAfter;
    }
}
