using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Api;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Dispatch;

public sealed class DispatcherTests : IAsyncLifetime
{
    private static readonly SecretRef Secret = new("login", "password");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly Fleet _fleet = new();
    private readonly ChangeFeed _feed = new();
    private readonly ScriptedSecrets _secrets = new();
    private readonly ManualChecks _manual = new();
    private readonly FakeStore _store = new();
    private readonly WorkerRoster _roster;
    private readonly WorkerMemory _memory;
    private readonly ResultPipeline _pipeline;
    private readonly Dispatcher _dispatcher;

    public DispatcherTests()
    {
        _pipeline = new ResultPipeline(
            _store, _fleet, _feed, _manual, new HealthSweep(_fleet, _feed, _time),
            new PipelineMetrics(Prometheus.Metrics.NewCustomRegistry()), _time, NullLogger<ResultPipeline>.Instance);
        var resolver = new SecretResolver(_secrets, _time);
        var intake = new IntakeProgress();
        intake.Synced();
        _roster = new WorkerRoster(_time, NullLogger<WorkerRoster>.Instance);
        _memory = new WorkerMemory(_roster, _store, _time, NullLogger<WorkerMemory>.Instance);
        _dispatcher = new Dispatcher(
            _fleet, resolver, _pipeline, _manual, _roster, new AssignmentRound(_fleet, intake, resolver, _feed, _roster, _time, NullLogger<AssignmentRound>.Instance),
            _memory, _time, NullLogger<Dispatcher>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask InitializeAsync()
    {
        await _pipeline.StartAsync(Cancel);
        await _dispatcher.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.StopAsync(CancellationToken.None);
        await _dispatcher.StopAsync(CancellationToken.None);
        _pipeline.Dispose();
        _dispatcher.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public async Task Plan_TwoWorkers_ShareTheMonitorsAndOneTakesOverWhenTheOtherGoes()
    {
        for (var i = 0; i < 40; i++)
            Declare(States.Monitor($"m{i}"), i + 1);
        await using var one = await ConnectAsync("w1");
        await using (var two = await ConnectAsync("w2"))
        {
            // A plan that saw only one of them gave it all: what the other takes over is left at the first for a while.
            await Eventually.True(
                () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return one.Assignments.Count + two.Assignments.Count == 40 && two.Assignments.Count > 0;
                },
                "all are shared out", Cancel);
            Assert.Empty(one.Assignments.Keys.Intersect(two.Assignments.Keys));
        }
        await Eventually.True(() => one.Assignments.Count == 40, "one has all", Cancel);
    }

    [Fact]
    public async Task Plan_WorkerOfAnotherPool_GetsNothing()
    {
        Declare(States.Monitor("api"), 1);
        await using var worker = await ConnectAsync("w1");
        await using var far = await ConnectAsync("w2", "far");
        await Eventually.True(() => worker.Assignments.Count == 1, "the pool's worker has it", Cancel);
        Assert.Empty(far.Assignments);
    }

    [Fact]
    public async Task Plan_MonitorRemovedOrChanged_TellsTheWorkerTheDifference()
    {
        var monitor = States.Monitor("api");
        var state = Declare(monitor, 1);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        var changed = monitor with { Generation = 2, Spec = monitor.Spec with { Interval = TimeSpan.FromSeconds(20) } };
        state.Declare(States.Row(1, changed), States.Declaration(changed), changed, Now);
        _dispatcher.Replan();
        await Eventually.True(() => worker.Assignments.Values.Single().Interval == TimeSpan.FromSeconds(20), "the change is told", Cancel);

        _fleet.Remove(state);
        _dispatcher.Replan();
        await Eventually.True(() => worker.Assignments.Count == 0, "the removal is told", Cancel);
    }

    [Fact]
    public async Task Plan_SecretMissing_IsSaidAndNothingIsCheckedUntilItIsThere()
    {
        var state = Declare(States.Monitor("api", secrets: Secret), 1);
        Declare(States.Monitor("other"), 2);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => state.Snapshot(Now).Verdict.Reason == "SecretNotFound", "it is said", Cancel);
        await Eventually.True(() => worker.Assignments.Count == 1, "the other goes on", Cancel);

        _secrets.Values[("default", Secret)] = "open sesame";
        _dispatcher.Replan();
        await Eventually.True(() => worker.Assignments.Count == 2, "assigned", Cancel);
        Assert.Equal("open sesame", worker.Assignments.Values.Single(a => a.Key.Name == "api").Secrets[Secret]);
        Assert.DoesNotContain("open sesame", string.Join(' ', state.Snapshot(Now).Conditions), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_SecretsCannotBeLookedAt_LeavesWhatIsCheckedAndHoldsNoOtherUp()
    {
        _secrets.Values[("default", Secret)] = "open sesame";
        Declare(States.Monitor("api", secrets: Secret), 1);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        _secrets.Broken = true;
        _time.Advance(TimeSpan.FromSeconds(55));
        Declare(States.Monitor("other"), 2);
        _dispatcher.Replan();

        await Eventually.True(() => worker.Assignments.Values.Any(a => a.Key.Name == "other"), "the other is checked", Cancel);
        Assert.Equal(2, worker.Assignments.Count);
    }

    [Fact]
    public async Task Plan_SecretsCannotBeLookedAtForAMoment_TriesAgainSoonByItself()
    {
        _secrets.Values[("default", Secret)] = "open sesame";
        _secrets.Broken = true;
        var state = Declare(States.Monitor("api", secrets: Secret), 1);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => _secrets.Asked > 0, "looked at", Cancel);
        _secrets.Broken = false;

        // The failure is noted a moment after it was asked for, with the time of then.
        await EventuallyAsTimePassesAsync(SecretResolver.AgainAfter, () => worker.Assignments.Count == 1, "assigned");
        Assert.Equal("Operating", state.Snapshot(Now).Conditions[0].Reason);
    }

    [Fact]
    public async Task Plan_SecretsAreNotAnswered_HoldsNoOtherUpAndTakesThemInWhenTheyAre()
    {
        _secrets.Values[("default", Secret)] = "open sesame";
        _secrets.Frozen = new TaskCompletionSource();
        for (var i = 0; i < 40; i++)
            Declare(States.Monitor($"locked{i}", secrets: new SecretRef($"login{i}", "password")), i + 1);
        Declare(States.Monitor("api", secrets: Secret), 50);
        Declare(States.Monitor("other"), 51);
        await using var worker = await ConnectAsync("w1");

        // A plan that began before all were declared waits for its few.
        await EventuallyAsTimePassesAsync(SecretResolver.LongestWait, () => _secrets.Asked >= 16, "several are asked for at once");
        await EventuallyAsTimePassesAsync(SecretResolver.LongestWait, () => worker.Assignments.Values.Any(a => a.Key.Name == "other"), "the other is checked");
        Assert.Single(worker.Assignments);

        _secrets.Frozen.SetResult();
        await Eventually.True(() => worker.Assignments.Values.Any(a => a.Key.Name == "api"), "what was answered late is taken in", Cancel);
    }

    [Fact]
    public async Task Receive_TargetRefusesTheCredential_ReadsTheSecretSoon()
    {
        _secrets.Values[("default", Secret)] = "old";
        var monitor = States.Monitor("api", secrets: Secret);
        Declare(monitor, 1);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        _secrets.Values[("default", Secret)] = "new";
        _time.Advance(TimeSpan.FromSeconds(20));
        await worker.SendAsync(Cancel, States.Result(monitor, Now, Outcome.Warn) with { StatusCode = 401 });

        await Eventually.True(() => worker.Assignments.Values.Single().Secrets[Secret] == "new", "the new value is told", Cancel);
    }

    [Fact]
    public async Task Connect_SameWorkerAgain_EndsTheSessionBefore()
    {
        Declare(States.Monitor("api"), 1);
        var first = _dispatcher.Connect(new WorkerHello("w1", "default", "1"));
        await using var second = await ConnectAsync("w1");
        await Eventually.True(() => second.Assignments.Count == 1, "the new session has it", Cancel);
        while (await first.Outgoing.WaitToReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel))
            first.Outgoing.TryRead(out _);
        _dispatcher.Disconnect(first);
        Assert.Single(_dispatcher.Sessions);
    }

    [Fact]
    public async Task RunNow_TwoAtOnce_GetTheirOwnResults()
    {
        var monitor = States.Monitor("api");
        var state = Declare(monitor, 1);
        await using var worker = await ConnectAsync("w1");
        worker.OnRun = run => States.Result(monitor, run.DueTime, kind: CheckKind.Manual);
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);

        var checks = await Task.WhenAll(_dispatcher.RunNowAsync(state, Cancel), _dispatcher.RunNowAsync(state, Cancel));

        Assert.Equal(2, checks.Select(c => c!.Result.DueTime).Distinct().Count());
    }

    [Fact]
    public async Task RunNow_NoWorkerOrNoMonitor_IsNull()
    {
        var state = Declare(States.Monitor("api"), 1);
        Assert.Null(await _dispatcher.RunNowAsync(state, Cancel));
    }

    [Fact]
    public async Task RunNow_WorkerIsSilent_TimesOutAndForgetsTheWaiter()
    {
        var monitor = States.Monitor("api");
        var state = Declare(monitor, 1);
        await using var worker = await ConnectAsync("w1");
        await Eventually.True(() => worker.Assignments.Count == 1, "assigned", Cancel);
        var running = _dispatcher.RunNowAsync(state, Cancel);
        _time.Advance(monitor.Spec.Timeout + TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task Plan_LinkInTheOpen_GivesNoSecretsAndSaysSo()
    {
        _secrets.Values[("default", Secret)] = "hush";
        var state = Declare(States.Monitor("api", secrets: Secret), 1);
        Declare(States.Monitor("other"), 2);
        var session = _dispatcher.Connect(new WorkerHello("w1", "default", "1"), remote: true, secure: false);

        await Eventually.True(() => session.Held.Count == 1, "what needs no secret is assigned", Cancel);
        Assert.Equal("uid-other", session.Held.Single().Uid);
        var ready = state.Snapshot(Now).Conditions.Single(c => c.Type == "Ready");
        Assert.Equal(("False", "LinkNotEncrypted"), (ready.Status, ready.Reason));

        _dispatcher.Connect(new WorkerHello("w2", "default", "1"), remote: true, secure: true);
        await Eventually.True(() => state.Snapshot(Now).Conditions[0].Reason == "Operating", "a worker may have it", Cancel);
    }

    [Fact]
    public async Task Plan_PoolWithoutWorker_IsSaidOnceWorkersHadTheTimeToConnect()
    {
        var state = Declare(States.Monitor("api"), 1);
        await Eventually.True(() => state.Snapshot(Now).Conditions[0].Reason == "Operating", "not yet", Cancel);
        await Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(4));
                return state.Snapshot(Now).Conditions[0] is { Status: "True", Reason: "NoWorker" };
            },
            "it is said",
            Cancel);
    }

    private Task EventuallyAsTimePassesAsync(TimeSpan step, Func<bool> condition, string what) => Eventually.True(
        () =>
        {
            _time.Advance(step);
            return condition();
        },
        what, Cancel);

    private MonitorState Declare(Monitor monitor, long id)
    {
        var state = States.State(id, monitor, Now);
        _fleet.Add(state);
        _dispatcher.Replan();
        return state;
    }

    private Task<TestWorker> ConnectAsync(string id, string pool = "default") =>
        TestWorker.ConnectAsync(new InProcessLink(_dispatcher), Cancel, pool, id);
}
