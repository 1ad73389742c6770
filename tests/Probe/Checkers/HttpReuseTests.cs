using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using HttpProtocol = HealthTrack.Core.Monitors.HttpProtocol;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>Connections that outlive their check.</summary>
public sealed class HttpReuseTests
{
    private static readonly SecretRef Ca = new("tls", "ca.crt");

    private static Task Hello(HttpContext context) => context.Response.WriteAsync("hello");

    [Theory]
    [InlineData(HttpProtocols.Http1, HttpProtocol.Auto)]
    [InlineData(HttpProtocols.Http1AndHttp2, HttpProtocol.Auto)]
    [InlineData(HttpProtocols.Http1AndHttp2, HttpProtocol.Http11)]
    public async Task Check_ReuseConnection_OneConnectionWhosePhasesAreOfTheFirst(HttpProtocols offered, HttpProtocol asked)
    {
        using var authority = new Authority();
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, offered, certificate);
        var checker = Checks.Checker();
        var check = new HttpCheck { Url = new Uri($"https://localhost:{server.Port}/"), Version = asked, ReuseConnection = true, Tls = new TlsOptions { CaSecret = Ca } };
        var assignment = Checks.Assignment(check, null, (Ca, authority.Pem));
        var first = await checker.RunAsync(assignment);
        var second = await checker.RunAsync(assignment);
        Assert.Equal((Outcome.Ok, Outcome.Ok), (first.Result.Outcome, second.Result.Outcome));
        Assert.True(first.Result.Phases is { Connect: > 0, Tls: > 0 }, $"{first.Result.Phases}");
        Assert.Equal((0, 0), (second.Result.Phases.Connect, second.Result.Phases.Tls));
        Assert.Single(server.Connections.Distinct());
    }

    /// <summary>Answers, keeps the connection, and tells when the client has closed it.</summary>
    private static RawServer Keeping(TaskCompletionSource closed) => new(async (stream, _, token) =>
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), token);
        if (await stream.ReadAsync(new byte[1], token) == 0)
            closed.TrySetResult();
    });

    [Fact]
    public async Task Release_KeptConnection_IsClosed()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Keeping(closed);
        var checker = Checks.Checker();
        var assignment = Checks.Assignment(new HttpCheck { Url = server.Url, ReuseConnection = true });
        Assert.Equal(Outcome.Ok, (await checker.RunAsync(assignment)).Result.Outcome);
        Assert.False(closed.Task.IsCompleted);
        checker.Release(assignment);
        await closed.Task.WaitAsync(Checks.Patience, TestContext.Current.CancellationToken);
        GC.KeepAlive(assignment);
    }

    [Fact]
    public async Task Run_Once_LeavesNoConnectionBehind()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Keeping(closed);
        await using var services = new ServiceCollection().AddCheckRunner().BuildServiceProvider();
        var assignment = Checks.Assignment(new HttpCheck { Url = server.Url, ReuseConnection = true });
        var explained = await services.GetRequiredService<ICheckRunner>().RunAsync(assignment, TestContext.Current.CancellationToken);
        Assert.Equal(Outcome.Ok, explained.Result.Outcome);
        await closed.Task.WaitAsync(Checks.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Check_ReuseConnection_FailuresAreValues()
    {
        var closed = new Uri("http://127.0.0.1:1/");
        await using (var server = RawServer.Answering(""))
            closed = server.Url;
        var refused = (await Checks.RunAsync(new HttpCheck { Url = closed, ReuseConnection = true })).Result;
        Assert.Equal((Outcome.Down, $"connect: 127.0.0.1:{closed.Port} refused the connection"), (refused.Outcome, refused.Message));
        await using var garbage = RawServer.Answering("SSH-2.0-x\r\n\r\n");
        var broken = (await Checks.RunAsync(new HttpCheck { Url = garbage.Url, ReuseConnection = true })).Result;
        Assert.Equal(Outcome.Down, broken.Outcome);
        Assert.StartsWith("HTTP: ", broken.Message, StringComparison.Ordinal);
        await using var silent = new RawServer((_, _, token) => Task.Delay(Timeout.Infinite, token));
        var late = (await Checks.RunAsync(new HttpCheck { Url = silent.Url, ReuseConnection = true }, TimeSpan.FromMilliseconds(150))).Result;
        Assert.StartsWith("no whole answer within 0.15 s", late.Message, StringComparison.Ordinal);
    }
}
