using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Engine.Tests.Results;

public sealed class ResultPipelineTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60)) { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly FakeStore _store = new();
    private readonly Fleet _fleet = new();
    private readonly ChangeFeed _feed = new();
    private readonly ManualChecks _manual = new();
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly Monitor _monitor = States.Monitor("api");
    private readonly MonitorState _state;
    private readonly PipelineMetrics _metrics;
    private readonly ResultPipeline _pipeline;
    private int _acknowledged;

    public ResultPipelineTests()
    {
        _state = States.State(7, _monitor, Now);
        _fleet.Add(_state);
        _metrics = new PipelineMetrics(_registry);
        _pipeline = new ResultPipeline(
            _store, _fleet, _feed, _manual, new HealthSweep(_fleet, _feed, _time), _metrics, _time, NullLogger<ResultPipeline>.Instance, new HeldResults(3));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private int Acknowledged => Volatile.Read(ref _acknowledged);

    public async ValueTask InitializeAsync() => await _pipeline.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        await _pipeline.StopAsync(CancellationToken.None);
        _pipeline.Dispose();
    }

    [Fact]
    public async Task Write_NewResult_IsStoredFoldedToldAndThenAcknowledged()
    {
        await SendAsync(States.Result(_monitor, Now - 1000, Outcome.Down));
        await Eventually.True(() => Acknowledged == 1, "acknowledged", Cancel);

        Assert.Single(_store.Checks);
        Assert.Equal(Health.Unhealthy, _state.Snapshot(Now).Verdict.Health);
        var changes = new List<Change>();
        Assert.True(_feed.TryRead(0, changes));
        Assert.IsType<CheckMade>(changes[0]);
        Assert.IsType<ServiceChanged>(changes[1]);
        await Eventually.True(() => _store.Marks.TryGetValue(7, out var mark) && mark.Unhealthy, "the mark is saved", Cancel);
    }

    [Fact]
    public async Task Write_SameResultAgain_ChangesNothingAndIsAcknowledged()
    {
        var result = States.Result(_monitor, Now - 1000);
        await SendAsync(result, result);
        await SendAsync(result);
        await Eventually.True(() => Acknowledged == 2, "acknowledged", Cancel);

        Assert.Single(_store.Checks);
        Assert.Equal(1, _state.Snapshot(Now).Window.Checks);
        Assert.Equal(2, await CountAsync("healthtrack_results_duplicate_total"));
    }

    [Fact]
    public async Task Write_RefusedResults_AreAcknowledgedAndCountedByReason()
    {
        var other = States.Monitor("nobody");
        await SendAsync(
            States.Result(_monitor, Now - 25L * 3600 * 1000),
            States.Result(_monitor, Now + 61_000),
            States.Result(_monitor, Now) with { Location = "elsewhere" },
            States.Result(other, Now));
        await Eventually.True(() => Acknowledged == 1, "acknowledged", Cancel);

        Assert.Empty(_store.Checks);
        foreach (var reason in new[] { "too_old", "in_the_future", "foreign_location", "unknown_monitor" })
            Assert.Equal(1, await CountAsync($"healthtrack_results_refused_total{{reason=\"{reason}\"}}"));
    }

    // Prometheus sees no increase in a series that is born with its first refusals.
    [Fact]
    public async Task Refused_ByEveryReason_IsCountedFromZero()
    {
        foreach (var reason in new[] { "too_old", "in_the_future", "foreign_location", "unknown_monitor", "not_assigned" })
            Assert.Equal(0, await CountAsync($"healthtrack_results_refused_total{{reason=\"{reason}\"}}"));
    }

    [Fact]
    public async Task Write_StoreAway_FoldsAtOnceAndAcknowledgesWhenItIsStored()
    {
        _store.Away = true;
        await SendAsync(States.Result(_monitor, Now - 1000, Outcome.Down));
        await Eventually.True(() => _state.Snapshot(Now).Verdict.Health == Health.Unhealthy, "health follows", Cancel);
        Assert.Equal(0, Acknowledged);
        Assert.False(_metrics.StoreUp);

        // A worker that was not answered sends again: nothing is counted twice.
        await SendAsync(States.Result(_monitor, Now - 1000, Outcome.Down), States.Result(_monitor, Now + 61_000));
        _store.Away = false;
        await AdvanceUntilAsync(() => Acknowledged == 2, "acknowledged when the store is back");

        Assert.Single(_store.Checks);
        Assert.Equal(1, _state.Snapshot(Now).Window.Checks);
        Assert.True(_metrics.StoreUp);
        Assert.Equal(1, await CountAsync("healthtrack_results_refused_total{reason=\"in_the_future\"}"));
    }

    [Fact]
    public async Task Write_HealthTurnsWhileTheStoreIsAway_KeepsEachTurnForIt()
    {
        _store.Away = true;
        await SendAsync(States.Result(_monitor, Now - 3000));
        await SendAsync(States.Result(_monitor, Now - 2000, Outcome.Down));
        await SendAsync(States.Result(_monitor, Now - 1000));
        await Eventually.True(() => _state.Snapshot(Now).Window.Checks == 3, "all are folded", Cancel);
        Assert.Empty(_store.Changes);
        _store.Away = false;
        await Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _store.Changes.Count >= 3;
            },
            "the turns are stored", Cancel);
        await SendAsync(States.Result(_monitor, Now - 500, Outcome.Down));
        await Eventually.True(() => _store.Changes.Count == 4, "the next one is", Cancel);

        Assert.Equal(["Healthy", "Unhealthy", "Healthy", "Unhealthy"], _store.Changes.Select(c => c.Key.Split('/')[^1]));
        Assert.Equal(4, _store.Changes.Select(c => c.Key).Distinct().Count());
    }

    [Fact]
    public async Task Write_ManyTurnsWhileTheStoreIsAway_CountsThoseLetGo()
    {
        _store.Away = true;
        await SendAsync([.. Enumerable.Range(0, 1003).Select(i => States.Result(_monitor, Now - 20_000 + i, i % 2 == 0 ? Outcome.Ok : Outcome.Down))]);
        await Eventually.True(() => _state.Snapshot(Now).Window.Checks == 1003, "all are folded", Cancel);
        _store.Away = false;
        await AdvanceUntilAsync(() => _store.Changes.Count >= 1000, "the turns are stored");

        Assert.Equal(1000, _store.Changes.Count);
        Assert.Equal(3, await CountAsync("healthtrack_health_changes_dropped_total"));
    }

    [Fact]
    public async Task Write_StoreFoundDamaged_IsHeldAsIfItWereAway()
    {
        _store.Damaged = true;
        await SendAsync(States.Result(_monitor, Now - 1000, Outcome.Down));
        await Eventually.True(() => _state.Snapshot(Now).Verdict.Health == Health.Unhealthy, "health follows", Cancel);
        Assert.Equal((0, false), (Acknowledged, _metrics.StoreUp));

        _store.Damaged = false;
        await AdvanceUntilAsync(() => Acknowledged == 1, "acknowledged when the store is mended");
        Assert.Single(_store.Checks);
        Assert.Equal(0, await CountAsync("healthtrack_results_faulty_total"));
    }

    [Fact]
    public async Task Write_WhileTheNextTryIsNotDue_IsFoldedWithoutAskingTheStore()
    {
        _store.Away = true;
        await SendAsync(States.Result(_monitor, Now - 3000));
        await Eventually.True(() => _state.Snapshot(Now).Window.Checks == 1, "folded", Cancel);
        var tries = _store.Tries;

        await SendAsync(States.Result(_monitor, Now - 2000));
        await Eventually.True(() => _state.Snapshot(Now).Window.Checks == 2, "folded", Cancel);
        Assert.Equal(tries, _store.Tries);
    }

    [Fact]
    public async Task Stop_StoreBackBeforeTheNextTry_StoresWhatIsHeld()
    {
        _store.Away = true;
        await SendAsync(States.Result(_monitor, Now - 3000));
        await Eventually.True(() => _state.Snapshot(Now).Window.Checks == 1, "folded", Cancel);

        _store.Away = false;
        await _pipeline.StopAsync(Cancel);
        Assert.Single(_store.Checks);
        Assert.Equal(1, Acknowledged);
    }

    [Fact]
    public async Task Write_StoreAwayAndTooMuchHeld_TakesNoMoreInAndLosesNothing()
    {
        _store.Away = true;
        var first = Now - 5000;
        for (var i = 0; i < 3; i++)
            await SendAsync(States.Result(_monitor, first + i));
        await Eventually.True(() => _pipeline.HeldCount == 3, "all are held that may be", Cancel);
        var sending = Task.Run(
            async () =>
            {
                for (var i = 3; i < 1000; i++)
                    await SendAsync(States.Result(_monitor, first + i));
            },
            Cancel);
        // It knocks at the store all the while, and takes in nothing.
        await AdvanceUntilAsync(() => _store.Tries > 4 && _pipeline.Waiting == ResultPipeline.MaxWaiting, "whoever sends waits");
        Assert.Equal((false, 3, 0), (sending.IsCompleted, _pipeline.HeldCount, Acknowledged));

        _store.Away = false;
        await AdvanceUntilAsync(() => Acknowledged == 1000, "acknowledged when the store is back");
        await sending;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => first + i), _store.Checks.Select(c => c.Result.DueTime));
    }

    [Fact]
    public async Task Stop_StoreAwayAndTooMuchHeld_EndsWithoutAnAcknowledgement()
    {
        _store.Away = true;
        for (var i = 0; i < 3; i++)
            await SendAsync(States.Result(_monitor, Now - 5000 + i));
        await Eventually.True(() => _pipeline.HeldCount == 3, "all are held that may be", Cancel);
        await SendAsync(States.Result(_monitor, Now));

        var stopping = _pipeline.StopAsync(Cancel);
        await AdvanceUntilAsync(() => stopping.IsCompleted, "it stops");

        await stopping;
        Assert.Equal(0, Acknowledged);
    }

    [Fact]
    public async Task Write_OneThatTheStoreChokesOn_HoldsNoOtherUp()
    {
        var poison = Now - 2000;
        _store.Chokes = check => check.Result.DueTime == poison;
        await SendAsync(States.Result(_monitor, Now - 3000), States.Result(_monitor, poison), States.Result(_monitor, Now - 1000));
        await Eventually.True(() => Acknowledged == 1, "acknowledged", Cancel);

        Assert.Equal(2, _store.Checks.Count);
        Assert.Equal(1, await CountAsync("healthtrack_results_faulty_total"));
    }

    [Fact]
    public async Task Write_ManualResult_ReachesWhoeverWaits()
    {
        using var waiter = _manual.Expect(_monitor.Uid, "default", Now, _ => false);
        await SendAsync(States.Result(_monitor, waiter.Id.DueTime, kind: CheckKind.Manual));
        var check = await waiter.Result.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(1, check.CheckId);
        Assert.Equal(0, _state.Snapshot(Now).Window.Checks);
    }

    [Fact]
    public async Task Sweep_SilenceForThreeIntervals_TurnsHealthUnknown()
    {
        await SendAsync(States.Result(_monitor, Now));
        await Eventually.True(() => _state.Health == Health.Healthy, "healthy", Cancel);
        _time.Advance(TimeSpan.FromSeconds(61));
        await AdvanceUntilAsync(() => _state.Health == Health.Unknown, "unknown after the silence");
    }

    [Fact]
    public async Task Stop_WhatWasWritten_IsStoredFirst()
    {
        for (var i = 0; i < 200; i++)
            await SendAsync(States.Result(_monitor, Now - 1000 + i));
        await _pipeline.StopAsync(Cancel);
        Assert.Equal(200, _store.Checks.Count);
        Assert.Equal(200, Acknowledged);
    }

    private ValueTask SendAsync(params CheckResult[] results) =>
        _pipeline.WriteAsync(new IncomingResults(results, "default", () => Interlocked.Increment(ref _acknowledged)), Cancel);

    private Task AdvanceUntilAsync(Func<bool> condition, string what) => Eventually.True(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return condition();
        },
        what,
        Cancel);

    private async Task<double> CountAsync(string series)
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancel);
        var line = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n').First(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
