using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class ReflectorTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_SeveralPages_HoldsAll()
    {
        await using var watched = await Watched.CreateAsync(server, Token, options: new() { PageSize = 2 });
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            await watched.Widgets.CreateAsync(name, 1, Token);

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);

        Assert.Equal(["a", "b", "c", "d", "e"], watched.Names);
        Assert.Equal(2, watched.Proxy.Requests.Count(r => r.Contains("continue=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task List_PageExpired_ReadsInOnePiece()
    {
        await using var watched = await Watched.CreateAsync(server, Token, options: new() { PageSize = 2 });
        foreach (var name in (string[])["a", "b", "c"])
            await watched.Widgets.CreateAsync(name, 1, Token);
        watched.Proxy.Fault = context => context.Request.Query.ContainsKey("continue")
            ? FaultyProxy.RefuseAsync(context, 410, "Expired")
            : Task.FromResult(false);

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);

        Assert.Equal(["a", "b", "c"], watched.Names);
        Assert.Equal($"GET {watched.Widgets.Definition.CollectionPath(watched.Widgets.Namespace)}", watched.Proxy.Requests.ElementAt(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_Expired_ListsAnewAndSaysWhatWent(bool asEvent)
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        await watched.Widgets.CreateAsync("goes", 1, Token);
        await watched.Widgets.CreateAsync("stays", 1, Token);
        var gone = new TaskCompletionSource();
        watched.Proxy.Fault = async context =>
        {
            if (!FaultyProxy.IsWatch(context) || watched.Proxy.Watches > 1)
                return false;
            await gone.Task;
            return asEvent
                ? await FaultyProxy.SayAsync(context, """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""")
                : await FaultyProxy.RefuseAsync(context, 410, "Expired");
        };

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.DeleteAsync("goes", Token);
        gone.SetResult();

        await Eventually.True(() => watched.Proxy.Lists == 2 && watched.Names.SequenceEqual(["stays"]), "the list is read anew", Token);
        var deleted = Assert.Single(watched.Changes, c => c.Now is null);
        Assert.Equal("goes", deleted.Before!.Metadata.Name);
    }

    // The server's own words, not ours: a watch from the beginning of time is one that it cannot serve.
    [Fact]
    public async Task Watch_FromVersionLongGone_ListsAnew()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        await watched.Widgets.CreateAsync("a", 1, Token);
        watched.Proxy.Fault = context =>
        {
            if (FaultyProxy.IsWatch(context) && watched.Proxy.Watches == 1)
                context.Request.QueryString = new QueryString(context.Request.QueryString.Value!.Split("&resourceVersion=")[0] + "&resourceVersion=1");
            return Task.FromResult(false);
        };

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.CreateAsync("b", 1, Token);

        await Eventually.True(() => watched.Names.SequenceEqual(["a", "b"]), "the new one is seen", Token);
    }

    [Fact]
    public async Task Watch_Bookmark_GoesOnFromThere()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        var definition = watched.Widgets.Definition;
        watched.Proxy.Fault = context => FaultyProxy.IsWatch(context) && watched.Proxy.Watches == 1
            ? FaultyProxy.SayAsync(context, $$$"""{"type":"BOOKMARK","object":{"kind":"Widget","apiVersion":"{{{definition.ApiVersion}}}","metadata":{"resourceVersion":"987654"} } }""")
            : FaultyProxy.IsWatch(context) ? FaultyProxy.HangAsync(context) : Task.FromResult(false);

        watched.Start();
        await Eventually.True(() => watched.Proxy.Watches >= 2, "it watches on", Token);

        Assert.EndsWith("&resourceVersion=987654", watched.Proxy.Requests.Last(), StringComparison.Ordinal);
        Assert.Equal(1, watched.Proxy.Lists);
        Assert.Empty(watched.Names);
    }

    [Fact]
    public async Task Watch_EndOfStream_GoesOnWithoutAList()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        watched.Proxy.Fault = context => FaultyProxy.IsWatch(context) && watched.Proxy.Watches <= 3
            ? FaultyProxy.SayAsync(context)
            : Task.FromResult(false);

        watched.Start();
        await Eventually.True(() => watched.Proxy.Watches > 3, "it watches on", Token);
        await watched.Widgets.CreateAsync("a", 7, Token);

        await Eventually.True(() => watched.SizeOf("a") == 7, "the new one is seen", Token);
        Assert.Equal(1, watched.Proxy.Lists);
        Assert.Null(watched.Reflector.Problem);
    }

    [Fact]
    public async Task Watch_EndsAtOnceEachTime_Waits()
    {
        await using var watched = await Watched.CreateAsync(server, Token, options: new() { ShortWatch = TimeSpan.FromHours(1) });
        watched.Proxy.Fault = context => FaultyProxy.IsWatch(context) ? FaultyProxy.SayAsync(context) : Task.FromResult(false);

        Assert.True(await watched.Reflector.StepAsync(Token) > TimeSpan.Zero);
        Assert.True(await watched.Reflector.StepAsync(Token) > TimeSpan.Zero);
        Assert.Equal(1, watched.Proxy.Lists);
    }

    [Fact]
    public async Task Watch_HalfOpen_IsGivenUpAndGoesOn()
    {
        var options = new ReflectorOptions { WatchFor = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromMilliseconds(100) };
        await using var watched = await Watched.CreateAsync(server, Token, options: options);
        watched.Proxy.Fault = async context =>
        {
            if (!FaultyProxy.IsWatch(context) || watched.Proxy.Watches > 1)
                return false;
            return await FaultyProxy.HangAsync(context);
        };

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.CreateAsync("a", 1, Token);

        await Eventually.True(() => watched.SizeOf("a") == 1, "what happened on the dead connection is seen", Token);
        Assert.Equal(1, watched.Proxy.Lists);
    }

    [Fact]
    public async Task Watch_ConnectionBreaksInAnEvent_ReadsItAgain()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        watched.Proxy.Fault = async context =>
        {
            if (!FaultyProxy.IsWatch(context) || watched.Proxy.Watches > 1)
                return false;
            await context.Response.WriteAsync("""{"type":"ADDED","object":{"metadata":{"na""", context.RequestAborted);
            context.Abort();
            return true;
        };

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.CreateAsync("a", 1, Token);

        await Eventually.True(() => watched.SizeOf("a") == 1, "the event comes whole", Token);
    }

    [Fact]
    public async Task ListAndWatch_OneUnreadableObject_KeepsItsLastFormAndTheOthers()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        await watched.Widgets.CreateAsync("bad", 1, Token);
        await watched.Widgets.CreateAsync("good", 1, Token);
        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);

        await watched.Widgets.ResizeAsync("bad", "huge", Token);
        await watched.Widgets.ResizeAsync("good", 2, Token);
        await Eventually.True(() => watched.SizeOf("good") == 2, "the good one is seen in the watch", Token);
        Assert.Equal(1, watched.SizeOf("bad"));

        watched.Proxy.Fault = context => FaultyProxy.IsWatch(context) && watched.Proxy.Lists == 1
            ? FaultyProxy.RefuseAsync(context, 410, "Gone")
            : Task.FromResult(false);
        await watched.Widgets.CreateAsync("third", 3, Token);
        watched.Proxy.Drop();
        await Eventually.True(() => watched.Proxy.Lists == 2 && watched.SizeOf("third") == 3, "the list is read anew", Token);

        Assert.Equal(1, watched.SizeOf("bad"));
        Assert.DoesNotContain(watched.Changes, c => c.Now is null);
    }

    [Fact]
    public async Task Watch_RecreatedUnderOneName_IsGoneAndNew()
    {
        await using var watched = await Watched.CreateAsync(server, Token);
        var first = await watched.Widgets.CreateAsync("a", 1, Token);
        var recreated = new TaskCompletionSource();
        watched.Proxy.Fault = async context =>
        {
            if (!FaultyProxy.IsWatch(context) || watched.Proxy.Watches > 1)
                return false;
            await recreated.Task;
            return await FaultyProxy.RefuseAsync(context, 410, "Expired");
        };

        watched.Start();
        await watched.Reflector.FirstSync.WaitAsync(Token);
        await watched.Widgets.DeleteAsync("a", Token);
        var second = await watched.Widgets.CreateAsync("a", 2, Token);
        recreated.SetResult();

        await Eventually.True(() => watched.SizeOf("a") == 2, "the new one is seen", Token);
        Assert.Equal(
            [(null, first), (first, null), (null, second)],
            watched.Changes.Select(c => (c.Before?.Metadata.Uid, c.Now?.Metadata.Uid)));
    }
}
