using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Tests;

/// <summary>HealthTrack's API as far as the dashboard uses it, on a loopback port, with what it was asked written down.</summary>
internal sealed class StubApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Channel<string>, bool> _streams = new();
    private readonly Lock _gate = new();
    private readonly List<(string Id, string Text)> _sent = [];
    private readonly TaskCompletionSource _neverAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;
    private int _port;
    private int _life;
    private long _lastEvent;

    public ConcurrentDictionary<long, ServiceRow> Services { get; } = new();

    /// <summary>What it says of single services.</summary>
    public StubReads Reads { get; }

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Answers the next POST /services with this instead of 201.</summary>
    public Func<NewService, IResult?> Refuse { get; set; } = _ => null;

    /// <summary>True: /healthz breaks the connection instead of answering, as a peer would that died without closing its streams.</summary>
    public bool Dead { get; set; }

    /// <summary>What /leaderz says; a process that does not lead answers 503 everywhere else too.</summary>
    public bool Leads { get; set; } = true;

    /// <summary>Completes when someone waits for GET /never, which is not answered.</summary>
    public Task NeverAsked => _neverAsked.Task;

    private StubApi() => Reads = new StubReads(this);

    public Uri Url => new($"http://127.0.0.1:{_port}");

    public int OpenStreams => _streams.Count;

    public static async Task<StubApi> StartAsync(params IEnumerable<ServiceRow> services)
    {
        var stub = new StubApi();
        foreach (var service in services)
            stub.Services[service.Id] = service;
        await stub.ResumeAsync();
        return stub;
    }

    /// <summary>Starts, or starts again on the same port; ids of events from before mean nothing then.</summary>
    public async Task ResumeAsync()
    {
        Forget();
        _life++;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            Requests.Enqueue(SeenRequest.Of(context.Request));
            return Leads ? next(context) : Results.Problem("This process is a standby.", statusCode: 503).ExecuteAsync(context);
        });
        _app.MapGet("/healthz", (HttpContext context) =>
        {
            if (Dead)
                context.Abort();
        });
        _app.MapGet("/leaderz", () => "leader\n");
        _app.MapGet("/openapi/v1.json", () => Results.Json(new { openapi = "3.1.0" }));
        _app.MapGet("/docs", () => Results.Content("<!doctype html><title>Explorer</title>", "text/html"));
        _app.MapGet("/services", () => Results.Json(Services.Values.OrderBy(s => s.Id), ApiJson.Options));
        _app.MapPost("/services", (Delegate)CreateAsync);
        _app.MapDelete("/services/{id:long}", (long id) => Remove(id) ? Results.Json(new Deleted(true), ApiJson.Options) : Results.NotFound());
        _app.MapPost("/services/{id:long}/run", (long id) => Services.ContainsKey(id) ? Results.Accepted() : Results.NotFound());
        Reads.Map(_app);
        _app.MapGet("/stream", StreamAsync);
        _app.MapGet("/never", async (CancellationToken gone) =>
        {
            _neverAsked.TrySetResult();
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    /// <summary>Goes away, open streams included.</summary>
    public async Task StopAsync()
    {
        CloseStreams();
        await _app!.DisposeAsync();
        _app = null;
    }

    /// <summary>Breaks all open streams; the API stays.</summary>
    public void CloseStreams()
    {
        foreach (var stream in _streams.Keys)
            stream.Writer.TryComplete();
    }

    public void Put(ServiceRow service)
    {
        Services[service.Id] = service;
        Send("service", JsonSerializer.Serialize(service, ApiJson.Options));
    }

    public void Put(CheckRow check) => Send("check", JsonSerializer.Serialize(check, ApiJson.Options));

    public bool Remove(long id)
    {
        if (!Services.TryRemove(id, out var gone))
            return false;
        Send("removed", JsonSerializer.Serialize(new RemovedRow(id, gone.Namespace, gone.Name), ApiJson.Options));
        return true;
    }

    public void Send(string type, string data)
    {
        lock (_gate)
        {
            var id = NextId();
            var text = Event(type, data, id);
            _sent.Add((id, text));
            Write(text);
        }
    }

    /// <summary>As to a reader that fell too far behind: events are forgotten, and all services that there are follow on every open stream.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _sent.Clear();
            Write(Everything());
        }
    }

    /// <summary>Sends this as it is, of no meaning to the stub.</summary>
    public void SendRaw(string text)
    {
        lock (_gate)
            Write(text);
    }

    /// <summary>No stream can go on after an earlier event any more.</summary>
    public void Forget()
    {
        lock (_gate)
            _sent.Clear();
    }

    /// <summary>An event as it stands in the stream.</summary>
    public static string Event(string type, string data, string? id = null) => (id is null ? "" : $"id: {id}\n") + $"event: {type}\ndata: {data}\n\n";

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAsync();
    }

    private void Write(string text)
    {
        foreach (var stream in _streams.Keys)
            stream.Writer.TryWrite(text);
    }

    // The last alone has an id.
    private string Everything()
    {
        var rows = Services.Values.OrderBy(s => s.Id).Select(s => JsonSerializer.Serialize(s, ApiJson.Options)).ToList();
        var id = NextId();
        _sent.Add((id, ""));
        return Event("reset", JsonSerializer.Serialize(new StreamReset(rows.Count), ApiJson.Options), rows.Count == 0 ? id : null)
            + string.Concat(rows.Select((row, i) => Event("service", row, i == rows.Count - 1 ? id : null)));
    }

    // What followed the event; all services where it is not known.
    private string Since(string? eventId)
    {
        var at = _sent.FindIndex(e => e.Id == eventId);
        return at < 0 ? Everything() : string.Concat(_sent.Skip(at + 1).Select(e => e.Text));
    }

    private string NextId() => $"{_life}-{++_lastEvent}";

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        var asked = (await context.Request.ReadFromJsonAsync<NewService>(ApiJson.Options))!;
        if (Refuse(asked) is { } refusal)
            return refusal;
        var id = Services.Keys.DefaultIfEmpty().Max() + 1;
        var row = Rows.Service(id, asked.Name!, "Unknown") with { Url = asked.Url, Message = "No check has ended yet" };
        Put(row);
        return Results.Json(row, ApiJson.Options, statusCode: 201);
    }

    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        var channel = Channel.CreateUnbounded<string>();
        lock (_gate)
        {
            channel.Writer.TryWrite(Since(context.Request.Headers["Last-Event-ID"]));
            _streams[channel] = true;
        }
        try
        {
            await context.Response.WriteAsync(": open\n\n");
            await context.Response.Body.FlushAsync();
            await foreach (var text in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(text);
                await context.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went.
        }
        finally
        {
            _streams.TryRemove(channel, out _);
        }
    }
}

/// <summary>A request as it arrived at the stub.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers)
{
    public static SeenRequest Of(HttpRequest request) =>
        new(request.Method, request.Path, request.QueryString.Value ?? "", request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
