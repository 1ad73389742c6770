using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Operator.Tests.Cluster;

/// <summary>Stands between a client and the API server, passes everything on as it comes, and breaks what a test tells it to break.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _upstream;
    private readonly Uri _target;
    private readonly ConcurrentDictionary<HttpContext, bool> _open = new();
    private Func<HttpContext, Task<bool>>? _fault;

    private FaultyProxy(WebApplication app, Uri target)
    {
        _app = app;
        _target = target;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _upstream = new HttpMessageInvoker(handler);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Method, path and query of every request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Lists => Requests.Count(r => r.StartsWith("GET", StringComparison.Ordinal) && !IsWatch(r) && !r.Contains("continue=", StringComparison.Ordinal));

    public int Watches => Requests.Count(IsWatch);

    /// <summary>Asked about each request: true where it has dealt with it, false to pass it on. Null breaks nothing.</summary>
    public Func<HttpContext, Task<bool>>? Fault
    {
        get => Volatile.Read(ref _fault);
        set => Volatile.Write(ref _fault, value);
    }

    public static async Task<FaultyProxy> StartAsync(KubernetesApiServer server, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var proxy = new FaultyProxy(app, server.Address);
        app.Run(proxy.HandleAsync);
        await app.StartAsync(cancellationToken);
        return proxy;
    }

    public static bool IsWatch(HttpContext context) => context.Request.Query.ContainsKey("watch");

    /// <summary>Breaks every connection on which a request is under way.</summary>
    public void Drop()
    {
        foreach (var context in _open.Keys)
            context.Abort();
    }

    /// <summary>Answers as an API server refuses: with a Status object.</summary>
    public static async Task<bool> RefuseAsync(HttpContext context, int code, string reason, int? retryAfter = null)
    {
        context.Response.StatusCode = code;
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = $"{seconds}";
        await context.Response.WriteAsJsonAsync(new { kind = "Status", apiVersion = "v1", status = "Failure", message = "told to by a test", reason, code });
        return true;
    }

    /// <summary>Answers a watch with these lines, and ends it.</summary>
    public static async Task<bool> SayAsync(HttpContext context, params string[] lines)
    {
        context.Response.ContentType = "application/json";
        foreach (var line in lines)
            await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        await context.Response.CompleteAsync();
        return true;
    }

    /// <summary>Begins an answer, and never says anything in it.</summary>
    public static async Task<bool> HangAsync(HttpContext context)
    {
        await BeginAsync(context);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        using (var stop = new CancellationTokenSource(TimeSpan.Zero))
            await _app.StopAsync(stop.Token);
        await _app.DisposeAsync();
        _upstream.Dispose();
    }

    private static bool IsWatch(string request) => request.Contains("watch=1", StringComparison.Ordinal);

    // The head goes out before there is anything to follow it, as an API server's does.
    private static async Task BeginAsync(HttpContext context)
    {
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private async Task HandleAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        _open[context] = true;
        try
        {
            if (Fault is not { } fault || !await fault(context))
                await ForwardAsync(context);
        }
        // The client went, as clients of a broken server do; a server that went is passed on as a broken connection.
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
        finally
        {
            _open.TryRemove(context, out _);
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var request = context.Request;
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_target, $"{request.Path}{request.QueryString}"));
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            message.Content = new StreamContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }
        message.Headers.TryAddWithoutValidation("Authorization", request.Headers.Authorization.ToString());
        message.Headers.TryAddWithoutValidation("Accept", request.Headers.Accept.ToString());
        using var answer = await _upstream.SendAsync(message, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await BeginAsync(context);
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
