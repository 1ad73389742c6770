using HealthTrack.Operator.Tests.Cluster;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class RefusedReflectorTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429, "TooManyRequests")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task List_AskedToWait_Waits(int code, string reason)
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        watched.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, code, reason, retryAfter: 7);

        Assert.Equal(TimeSpan.FromSeconds(7), await watched.Reflector.StepAsync(Token));
        Assert.Contains(reason, watched.Reflector.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task WatchAndList_Refused_RecoverWithoutLoss(int code)
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        await watched.Widgets.CreateAsync("a", 1, Token);
        watched.Proxy.Fault = context => watched.Proxy.Requests.Count is 1 or 3 or 4
            ? FaultyProxy.RefuseAsync(context, code, "")
            : Task.FromResult(false);

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.ResizeAsync("a", 2, Token);

        await Eventually.True(() => watched.SizeOf("a") == 2 && watched.Reflector.Problem is null, "it recovers", Token);
        Assert.Equal(2, watched.Proxy.Lists);
    }

    [Fact]
    public async Task Watch_ErrorEventOfAnotherKind_WatchesOn()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        watched.Proxy.Fault = context => FaultyProxy.IsWatch(context) && watched.Proxy.Watches == 1
            ? FaultyProxy.SayAsync(context, """{"type":"ERROR","object":{"kind":"Status","code":500,"reason":"InternalError","message":"etcd is away","details":{"retryAfterSeconds":3}}}""")
            : Task.FromResult(false);

        Assert.Equal(TimeSpan.FromSeconds(3), await watched.Reflector.StepAsync(Token));
        Assert.Contains("etcd is away", watched.Reflector.Problem, StringComparison.Ordinal);
        watched.Start();
        await watched.Widgets.CreateAsync("a", 1, Token);

        await Eventually.True(() => watched.SizeOf("a") == 1, "the new one is seen", Token);
        Assert.Equal(1, watched.Proxy.Lists);
    }

    [Fact]
    public async Task List_BadToken_SaysSoAndRecovers()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        await watched.Widgets.CreateAsync("a", 1, Token);
        watched.Proxy.Fault = context =>
        {
            context.Request.Headers.Authorization = "Bearer revoked";
            return Task.FromResult(false);
        };

        watched.Start();
        await Eventually.True(() => watched.Reflector.Problem?.Contains("401", StringComparison.Ordinal) == true, "it says so", Token);
        Assert.False(watched.Reflector.FirstSync.IsCompleted);
        watched.Proxy.Fault = null;

        await watched.Reflector.FirstSync.WaitAsync(Token);
        Assert.Equal(["a"], watched.Names);
    }

    [Fact]
    public async Task List_WithoutRights_SaysSoAndRecovers()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        var account = await server.CreateServiceAccountAsync(ns, "watcher", Token);
        await using var watched = await Watched.CreateAsync(server, Token, token: account);
        await watched.Widgets.CreateAsync("a", 1, Token);

        watched.Start();
        await Eventually.True(() => watched.Reflector.Problem?.Contains("config/rbac", StringComparison.Ordinal) == true, "it says so", Token);
        await server.KubectlAsync("create", "clusterrole", ns, "--verb=list,watch", $"--resource={watched.Widgets.Definition}");
        await server.KubectlAsync("create", "clusterrolebinding", ns, $"--clusterrole={ns}", $"--serviceaccount={ns}:watcher");

        await Eventually.True(() => watched.SizeOf("a") == 1 && watched.Reflector.Problem is null, "it recovers", Token);
    }

    [Fact]
    public async Task List_KindUnknown_SaysSoAndRecoversWhenItAppears()
    {
        await using var watched = await Watched.CreateAsync(server, Token, define: false);

        watched.Start();
        await Eventually.True(() => watched.Reflector.Problem?.Contains("config/crd", StringComparison.Ordinal) == true, "it says so", Token);
        await watched.Widgets.DefineAsync(Token);
        await watched.Widgets.CreateAsync("a", 1, Token);

        await Eventually.True(() => watched.SizeOf("a") == 1 && watched.Reflector.Problem is null, "it recovers", Token);
    }

    [Fact]
    public async Task List_AnswerOfSomethingElse_SaysSo()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        watched.Proxy.Fault = async context =>
        {
            await context.Response.WriteAsync("<html>Please sign in</html>", Token);
            return true;
        };

        Assert.True(await watched.Reflector.StepAsync(Token) > TimeSpan.Zero);
        Assert.Contains("no list", watched.Reflector.Problem, StringComparison.Ordinal);
    }
}
