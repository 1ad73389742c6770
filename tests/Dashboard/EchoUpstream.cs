using System.Net;
using System.Net.WebSockets;

namespace HealthTrack.Dashboard.Tests;

/// <summary>A stand-in for Grafana on a loopback port: it answers with the path and the headers that reached it, and echoes over WebSockets.</summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoUpstream(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<EchoUpstream> StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/{**path}", async (HttpContext context) =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                await EchoAsync(context);
                return;
            }
            context.Response.Headers.Append("Set-Cookie", "grafana_session=new; Path=/grafana");
            context.Response.Headers.Append("Set-Cookie", ".AspNetCore.Session=forged; Path=/");
            await context.Response.WriteAsJsonAsync(SeenRequest.Of(context.Request));
        });
        await app.StartAsync();
        return new EchoUpstream(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    // The first message says who was told to be there, each further one comes back.
    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(context.Request.Headers["X-WEBAUTH-USER"].ToString()), WebSocketMessageType.Text, true, context.RequestAborted);
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }
}
