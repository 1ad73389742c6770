using HealthTrack.Operator.Runtime;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class WorkQueueTests : IDisposable
{
    private static readonly Backoff Backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private readonly FakeTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() =>
        _queue = new WorkQueue<string>(Backoff, new ControllerMetrics(Metrics.NewCustomRegistry()).Queue("test"), _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Add_Twice_IsTakenOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        _queue.Add("b");

        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        Assert.True(IsEmpty());
    }

    [Fact]
    public async Task Take_SomeCanWait_TheOthersGoFirstAndNoneIsLost()
    {
        using var queue = new WorkQueue<string>(
            Backoff, new ControllerMetrics(Metrics.NewCustomRegistry()).Queue("test"), _time, key => key.StartsWith("later", StringComparison.Ordinal));
        foreach (var key in (string[])["later-1", "a", "later-2", "b"])
            queue.Add(key);

        var taken = new List<string>();
        for (var i = 0; i < 4; i++)
            taken.Add((await queue.TakeAsync(Token)).Key);

        Assert.Equal(["a", "b", "later-1", "later-2"], taken);
    }

    [Fact]
    public async Task Add_WhileProcessing_IsTakenAgainAfterDone()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");

        Assert.True(IsEmpty());
        _queue.Done("a");

        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.True(IsEmpty());
    }

    [Fact]
    public async Task AddAfter_TwoWishes_ComesAtTheEarlierAndOnce()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(7));

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(IsEmpty());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(IsEmpty());
    }

    [Fact]
    public async Task AddAfter_TakenBeforeForAnotherReason_DoesNotComeAgain()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        await TakeAsync();
        _queue.Done("a");

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.True(IsEmpty());
    }

    [Fact]
    public async Task AddRateLimited_ServerAsksForLonger_WaitsThatLong()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), _queue.AddRateLimited("a", atLeast: TimeSpan.FromSeconds(30)));

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(IsEmpty());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task AddAfter_TakenEarlyThousandsOfTimes_KeepsTheWishesThatStand()
    {
        _queue.AddAfter("other", TimeSpan.FromMinutes(30));
        for (var i = 0; i < 5000; i++)
        {
            _queue.AddAfter("a", TimeSpan.FromMinutes(30));
            _queue.Add("a");
            Assert.Equal("a", await TakeAsync());
            _queue.Done("a");
        }

        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal("other", await TakeAsync());
        Assert.True(IsEmpty());
    }

    [Fact]
    public async Task AddRateLimited_FailsOnAndOn_WaitsLongerToACapAndIsNeverDropped()
    {
        var last = TimeSpan.Zero;
        for (var failure = 1; failure <= 50; failure++)
        {
            var wait = _queue.AddRateLimited("a");
            var whole = TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, failure - 1)));
            Assert.InRange(wait, whole / 2, whole);
            _time.Advance(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds))); // A timer's tick.
            Assert.Equal("a", await TakeAsync());
            _queue.Done("a");
            last = wait;
        }
        Assert.InRange(last, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

        _queue.Forget("a");
        Assert.InRange(_queue.AddRateLimited("a"), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Stop_WithKeysWaiting_GivesOutNoMore()
    {
        _queue.Add("a");
        var waiting = _queue.TakeAsync(Token);
        Assert.True((await waiting).Taken);
        var next = _queue.TakeAsync(Token);
        _queue.Add("b");
        await next;
        _queue.Add("c");

        _queue.Stop();
        _queue.Add("d");

        Assert.False((await _queue.TakeAsync(Token)).Taken);
    }

    [Fact]
    public async Task Take_ManyWorkersAndKeys_NoKeyIsWithTwoAndNoneIsLost()
    {
        const int Keys = 20;
        const int Adds = 2000;
        var busy = new int[Keys];
        var version = new int[Keys];
        var seen = new int[Keys];
        var overlaps = 0;
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (await _queue.TakeAsync(Token) is (true, var key))
            {
                var i = key[0] - 'a';
                if (Interlocked.Increment(ref busy[i]) > 1)
                    Interlocked.Increment(ref overlaps);
                Volatile.Write(ref seen[i], Volatile.Read(ref version[i]));
                await Task.Yield();
                Interlocked.Decrement(ref busy[i]);
                _queue.Done(key);
            }
        }, Token)).ToList();

        for (var add = 0; add < Adds; add++)
        {
            Interlocked.Increment(ref version[add % Keys]);
            _queue.Add(((char)('a' + (add % Keys))).ToString());
        }

        await Eventually.True(() => version.SequenceEqual(seen), "the last word on each key is seen", Token);
        _queue.Stop();
        await Task.WhenAll(workers);
        Assert.Equal(0, overlaps);
    }

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 0.5, 3)]
    [InlineData(1000, 1, 60)]
    public void Delay_Failures_DoublesWithJitterToTheCap(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(failures, random).TotalSeconds, 6);

    private async Task<string> TakeAsync()
    {
        var taking = _queue.TakeAsync(Token);
        Assert.True(taking.IsCompleted, "Nothing is ready.");
        return (await taking).Key;
    }

    // Whether a key is ready: one that is would be given out at once.
    private bool IsEmpty()
    {
        using var now = new CancellationTokenSource();
        var taking = _queue.TakeAsync(now.Token);
        var empty = !taking.IsCompleted;
        now.Cancel();
        return empty;
    }
}
