using HealthTrack.Core.Checks;
using HealthTrack.Engine.Results;
using HealthTrack.Operator.Tests.Cluster;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Operator.Tests.Status;

/// <summary>What the status writer sends to a real API server, and when.</summary>
public sealed class StatusWriterTests(KubernetesApiServer server) : IAsyncLifetime
{
    private StatusWriting _writing = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _writing = await StatusWriting.StartAsync(server, Token);

    public ValueTask DisposeAsync() => _writing.DisposeAsync();

    [Fact]
    public async Task Write_NumbersMove_OnceInHalfAMinute()
    {
        var state = await _writing.DeclareCheckedAsync("shop", Token);
        var before = _writing.SentOf("shop");

        for (var i = 1; i <= 5; i++)
            _writing.Check(state, Outcome.Ok, 100 * i * i);
        await _writing.SettleAsync(Token);
        _writing.Time.Advance(TimeSpan.FromSeconds(29));
        await _writing.SettleAsync(Token);
        Assert.Equal(before, _writing.SentOf("shop"));

        _writing.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(async () => (long?)(await _writing.StatusAsync("shop", Token))!["metrics"]!["checks"] == 6, "the numbers of all six checks", Token);
        Assert.Equal(before + 1, _writing.SentOf("shop"));
    }

    [Fact]
    public async Task Write_HealthTurns_AtOnceWithAnEvent()
    {
        var state = await _writing.DeclareCheckedAsync("shop", Token);

        _writing.Check(state, Outcome.Down, 1);

        await _writing.UntilHealthAsync("shop", "Unhealthy", Token);
        await Eventually.True(() => _writing.Events.Contains(("shop", "ChecksFailing")), "it is told", Token);
    }

    [Fact]
    public async Task Write_NumbersOfManyMove_FiveASecond()
    {
        var states = await ManyAsync(12);
        _writing.Time.Advance(TimeSpan.FromSeconds(31));
        var before = _writing.Sent.Count;

        foreach (var state in states)
            _writing.Check(state, Outcome.Ok, 1000);
        await Eventually.True(() => _writing.Sent.Count >= before + 5, "five are sent", Token);
        await _writing.SettleAsync(Token);
        Assert.Equal(5, Shops(before));

        _writing.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(() => Shops(before) >= 10, "five more", Token);
        await _writing.SettleAsync(Token);
        Assert.Equal(10, Shops(before));
    }

    [Fact]
    public async Task Write_WaitsForItsTurnAndTurnsInstead_GivesItsPlaceToAnother()
    {
        var states = await ManyAsync(11);
        _writing.Time.Advance(TimeSpan.FromSeconds(31));
        foreach (var state in states.Take(10))
            _writing.Check(state, Outcome.Ok, 1000);
        await _writing.SettleAsync(Token);
        await Eventually.True(() => states.Take(10).Count(s => _writing.SentOf(s.Key.Name) == 3) == 5, "five are sent, five wait for up to a second", Token);

        foreach (var state in states.Take(10).Where(s => _writing.SentOf(s.Key.Name) == 2))
        {
            _writing.Check(state, Outcome.Down, 1);
            await _writing.UntilHealthAsync(state.Key.Name, "Unhealthy", Token);
        }
        _writing.Check(states[10], Outcome.Ok, 1000);
        await _writing.SettleAsync(Token);
        Assert.Equal(2, _writing.SentOf(states[10].Key.Name));

        // Behind five places that nobody wants any more it would be 1.2 s.
        _writing.Time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.True(() => _writing.SentOf(states[10].Key.Name) == 3, "it is sent in its turn", Token);
    }

    [Theory]
    [InlineData(404, "NotFound")]
    [InlineData(409, "Conflict")]
    [InlineData(500, "InternalError")]
    [InlineData(403, "Forbidden")]
    public async Task Write_IsRefused_IsTriedAgainUntilItIsTaken(int code, string reason)
    {
        var refused = 0;
        _writing.Proxy.Fault = context => IsWrite(context) && Interlocked.Increment(ref refused) <= 3
            ? FaultyProxy.RefuseAsync(context, code, reason)
            : Task.FromResult(false);

        await _writing.DeclareAsync("shop", Token);

        await _writing.UntilHealthAsync("shop", "Unknown", Token, step: TimeSpan.FromSeconds(1));
        Assert.Equal(4, _writing.SentOf("shop"));
    }

    [Fact]
    public async Task Write_ServerIsBusy_WaitsAsLongAsItAsks()
    {
        var refused = 0;
        _writing.Proxy.Fault = context => IsWrite(context, "shop") && Interlocked.Increment(ref refused) == 1
            ? FaultyProxy.RefuseAsync(context, 429, "TooManyRequests", retryAfter: 25)
            : Task.FromResult(false);
        await _writing.DeclareAsync("shop", Token);
        await Eventually.True(() => _writing.SentOf("shop") == 1, "it is refused", Token);
        await _writing.SettleAsync(Token);

        _writing.Time.Advance(TimeSpan.FromSeconds(24));
        await _writing.SettleAsync(Token);
        Assert.Equal(1, _writing.SentOf("shop"));

        await _writing.UntilHealthAsync("shop", "Unknown", Token, step: TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Write_AfterAnOutage_TheNewestStateOnce()
    {
        var states = await ManyAsync(8);
        var away = true;
        _writing.Proxy.Fault = context => IsWrite(context) && Volatile.Read(ref away)
            ? FaultyProxy.RefuseAsync(context, 503, "ServiceUnavailable")
            : Task.FromResult(false);
        foreach (var outcome in (Outcome[])[Outcome.Down, Outcome.Ok, Outcome.Error, Outcome.Ok, Outcome.Down])
        {
            var sent = _writing.Sent.Count;
            foreach (var state in states)
                _writing.Check(state, outcome, 10);
            await Eventually.True(() => Passed(() => _writing.Sent.Count > sent), "it is tried", Token);
        }

        Volatile.Write(ref away, false);
        var before = _writing.Sent.Count;
        foreach (var state in states)
            await _writing.UntilHealthAsync(state.Key.Name, "Unhealthy", Token, step: TimeSpan.FromSeconds(1));
        await _writing.SettleAsync(Token);

        // One that was on its way when the server came back may have been counted before.
        Assert.InRange(Shops(before), 1, 8);
        // An Event follows its status.
        await Eventually.True(() => _writing.Events.Count(e => e.Reason == "ChecksFailing") >= 8, "each is told of", Token);
        Assert.Equal(8, _writing.Events.Count(e => e.Reason == "ChecksFailing"));
    }

    [Fact]
    public async Task Write_ResourceIsGone_IsNotTried()
    {
        var state = await _writing.DeclareCheckedAsync("shop", Token);
        await _writing.DeleteAsync("shop", Token);
        var before = _writing.SentOf("shop");

        _writing.Check(state, Outcome.Down, 1);
        for (var i = 0; i < 3; i++)
        {
            await _writing.SettleAsync(Token);
            _writing.Time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal(before, _writing.SentOf("shop"));
    }

    [Fact]
    public async Task Write_DeletedAndMadeAgain_LeavesTheNewOneAlone()
    {
        var state = await _writing.DeclareCheckedAsync("shop", Token);
        await _writing.DeleteAsync("shop", Token);
        await _writing.CreateAsync("shop", Token);

        // The fleet has not heard of it yet.
        _writing.Check(state, Outcome.Down, 1);
        await _writing.SettleAsync(Token);

        Assert.Null((await _writing.StatusAsync("shop", Token))?.ToJsonString());
    }

    [Fact]
    public async Task Write_DeletedAndMadeAgainJustThen_IsNoStatusThatWasWritten()
    {
        var state = await _writing.DeclareCheckedAsync("shop", Token);
        var madeAgain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _writing.Proxy.Fault = async context =>
        {
            if (IsWrite(context, "shop"))
            {
                await _writing.DeleteAsync("shop", Token);
                await _writing.CreateAsync("shop", Token);
                madeAgain.TrySetResult();
            }
            return false;
        };

        _writing.Check(state, Outcome.Down, 1);
        await madeAgain.Task.WaitAsync(Token);
        await Eventually.TrueAsync(async () => (await _writing.StatusAsync("shop", Token))?["health"] is not null, "the new one got it", Token);
        _writing.Proxy.Fault = null;
        await _writing.SettleAsync(Token);

        Assert.DoesNotContain(("shop", "ChecksFailing"), _writing.Events);
    }

    [Fact]
    public async Task Start_StatusIsThereAlready_WritesItNotAgain()
    {
        var states = await ManyAsync(5);
        await _writing.SettleAsync(Token);
        // An Event follows its status.
        await Eventually.True(() => _writing.Events.Count >= 5, "each is told of", Token);
        var events = _writing.Events.Count;
        var before = _writing.Sent.Count;

        await _writing.RestartAsync(Token);
        await _writing.SettleAsync(Token);
        Assert.Equal(0, Shops(before));
        Assert.Equal(events, _writing.Events.Count);

        _writing.Check(states[0], Outcome.Down, 1);
        await _writing.UntilHealthAsync(states[0].Key.Name, "Unhealthy", Token);
    }

    [Fact]
    public async Task Write_LeaseIsNotHeld_WaitsUntilItIs()
    {
        _writing.Lease.IsHeld = false;
        await _writing.DeclareAsync("shop", Token);
        await Eventually.True(() => Passed(() => _writing.Lease.Asked >= 3), "it is asked for", Token);
        Assert.Empty(_writing.Sent);

        _writing.Lease.IsHeld = true;
        await _writing.UntilHealthAsync("shop", "Unknown", Token, step: TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Write_ManyAreNew_AcceptanceGoesBeforeFirstResults()
    {
        var first = await _writing.DeclareAsync("first", Token);
        await _writing.UntilHealthAsync("first", "Unknown", Token);
        using var gate = new SemaphoreSlim(0);
        _writing.Proxy.Fault = async context =>
        {
            if (IsWrite(context))
                await gate.WaitAsync(context.RequestAborted);
            return false;
        };
        for (var i = 0; i < 16; i++)
            await _writing.DeclareAsync($"shop-{i}", Token);
        await Eventually.True(() => _writing.Sent.Count == 17, "every worker is busy", Token);

        _writing.Check(first, Outcome.Ok, 100);
        await _writing.DeclareAsync("last", Token);
        gate.Release();
        await Eventually.True(() => _writing.Sent.Count == 18, "one of them goes on", Token);
        Assert.Equal("last", _writing.Sent[17]);

        gate.Release(100);
        await _writing.UntilHealthAsync("first", "Healthy", Token);
    }

    private async Task<List<MonitorState>> ManyAsync(int count)
    {
        var states = new List<MonitorState>();
        for (var i = 0; i < count; i++)
            states.Add(await _writing.DeclareCheckedAsync($"shop-{i}", Token));
        return states;
    }

    // The writer may have to wait before it tries again.
    private bool Passed(Func<bool> condition)
    {
        if (condition())
            return true;
        _writing.Time.Advance(TimeSpan.FromSeconds(1));
        return false;
    }

    // Fences apart.
    private int Shops(int since) => _writing.Sent.Skip(since).Count(n => n.StartsWith("shop", StringComparison.Ordinal));

    private static bool IsWrite(HttpContext context, string name = "") =>
        context.Request.Method == "PATCH" && context.Request.Path.Value!.Contains(name, StringComparison.Ordinal);
}
