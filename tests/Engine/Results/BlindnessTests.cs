using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Results;

/// <summary>Monitors that two locations check, either of which is believed, while one of the two loses its network.</summary>
public sealed class BlindnessTests
{
    private const long Slot = 10_000;
    private static readonly string[] Pools = ["frankfurt", "paris"];
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));
    private readonly FakeStore _store = new();
    private readonly List<(string Uid, StoredSample Sample)> _stored = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Restart_WhileALocationIsBlind_ChangesNoHealthAndNoUptime()
    {
        await using var before = new Leader(this);
        Rounds(before, 6, Outcome.Ok, Outcome.Ok);
        Rounds(before, 1, Outcome.Down, Outcome.Ok);
        await before.LookAsync();
        Assert.Equal(["frankfurt"], before.Watch.Blind);
        Rounds(before, 20, Outcome.Down, Outcome.Ok);
        AssertNoneIsUnhealthy(before);
        var uptime = before.States[0].Snapshot(Now).UptimePercent;

        await using var after = await RestartAsync();
        AssertNoneIsUnhealthy(after);
        Assert.All(after.States, state => Assert.Equal(uptime, state.Snapshot(Now).UptimePercent));
        // Results come before it has looked.
        Rounds(after, 1, Outcome.Down, Outcome.Ok);
        await after.LookAsync();
        Rounds(after, 1, Outcome.Down, Outcome.Ok);
        AssertNoneIsUnhealthy(after);

        Rounds(after, 1, Outcome.Ok, Outcome.Ok);
        await after.LookAsync();
        Assert.Empty(after.Watch.Blind);
        Assert.NotNull(Assert.Single(_store.BlindTimes.Values).Until);
        // Now that it sees, it is believed; and what it said while it was blind stays without a say.
        Rounds(after, 1, Outcome.Down, Outcome.Ok);
        Assert.All(after.States, state => Assert.Equal(Health.Unhealthy, state.Health));
        await using var third = await RestartAsync();
        Assert.Equal(after.States[0].Snapshot(Now).UptimePercent, third.States[0].Snapshot(Now).UptimePercent);
    }

    [Fact]
    public async Task Restart_LongAfterALocationTurnedBlind_DoesNotBelieveItsFirstFailures()
    {
        await using var before = new Leader(this);
        Rounds(before, 1, Outcome.Down, Outcome.Ok);
        await before.LookAsync();

        _time.Advance(TimeSpan.FromHours(1));
        await using var after = await RestartAsync();
        await after.LookAsync();
        Rounds(after, 1, Outcome.Down, Outcome.Ok);
        AssertNoneIsUnhealthy(after);
        await after.LookAsync();
        Assert.Equal(["frankfurt"], after.Watch.Blind);

        // Alone with its failures it is not blind for long: nobody sees the targets well.
        _time.Advance(TimeSpan.FromSeconds(61));
        Rounds(after, 1, Outcome.Down, Outcome.Down);
        await after.LookAsync();
        Assert.Empty(after.Watch.Blind);
    }

    [Fact]
    public async Task Look_MonitorMadeWhileALocationIsBlind_KnowsIt()
    {
        await using var leader = new Leader(this);
        Rounds(leader, 1, Outcome.Down, Outcome.Ok);
        // Made just before the look, and there just after it.
        var late = leader.Make("late", 10);
        await leader.LookAsync();
        leader.Add(late);
        var made = leader.Make("new", 9);
        leader.Add(made);
        Rounds(leader, 1, Outcome.Down, Outcome.Ok);
        await leader.LookAsync();

        AssertNoneIsUnhealthy(leader);
        Assert.All([late, made], state => Assert.Equal((Health.Healthy, true), (state.Health, state.Snapshot(Now).Locations[0].IsBlind)));
    }

    [Fact]
    public async Task Save_StoreAway_IsToldLater()
    {
        await using var leader = new Leader(this);
        Rounds(leader, 1, Outcome.Down, Outcome.Ok);
        _store.Away = true;
        await leader.LookAsync();
        Assert.Empty(_store.BlindTimes);
        _store.Away = false;
        await leader.LookAsync();
        Assert.Equal("frankfurt", Assert.Single(_store.BlindTimes.Values).Pool);
    }

    // Their results count in the error rate all the same.
    private static void AssertNoneIsUnhealthy(Leader leader) => Assert.All(leader.States, state => Assert.NotEqual(Health.Unhealthy, state.Health));

    private async Task<Leader> RestartAsync()
    {
        var leader = new Leader(this, await _store.ReadBlindTimesAsync(Cancel));
        foreach (var state in leader.States)
        {
            var samples = _stored.Where(s => s.Uid == state.Stored.Uid).Select(s => s.Sample).OrderBy(s => s.DueTime).ToList();
            state.Rebuild(new MonitorHistory(samples, [], samples[0].DueTime, samples, null) { Votes = samples }, Now);
        }
        return leader;
    }

    private void Rounds(Leader leader, int count, params Outcome[] outcomes)
    {
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Slot));
            foreach (var state in leader.States)
            {
                for (var pool = 0; pool < outcomes.Length; pool++)
                {
                    var result = States.Result(state.Monitor!, Now - 10 + pool, outcomes[pool]) with { Location = Pools[pool], Worker = $"worker-{Pools[pool]}" };
                    _stored.Add((result.Uid, new(result.DueTime, result.LatencyMicros, result.Outcome, result.Kind, result.CountsInLatency, result.Generation, result.Location)));
                    state.Record(result, Now);
                }
            }
        }
    }

    /// <summary>Five monitors, and who watches their locations.</summary>
    private sealed class Leader : IAsyncDisposable
    {
        private readonly BlindnessTests _test;
        private readonly Fleet _fleet = new();
        private readonly BlindTimes _blind = new();
        private readonly ResultPipeline _pipeline;

        public Leader(BlindnessTests test, IReadOnlyList<BlindTime>? remembered = null)
        {
            _test = test;
            _blind.Recall(remembered ?? []);
            var (feed, registry) = (new ChangeFeed(), Prometheus.Metrics.NewCustomRegistry());
            _pipeline = new ResultPipeline(
                test._store, _fleet, feed, new ManualChecks(), new HealthSweep(_fleet, feed, test._time), new PipelineMetrics(registry), test._time,
                NullLogger<ResultPipeline>.Instance);
            Watch = new LocationWatch(
                _fleet, new IntakeProgress(), feed, _pipeline, _blind, test._store, registry, test._time, NullLogger<LocationWatch>.Instance);
            for (var i = 1; i <= 5; i++)
                Add(Make($"m{i}", i));
        }

        public List<MonitorState> States { get; } = [];

        public LocationWatch Watch { get; }

        public MonitorState Make(string name, long id)
        {
            var monitor = Results.States.Monitor(name);
            return Results.States.State(id, monitor with { Spec = monitor.Spec with { Pools = Pools, Quorum = 1 } }, _test.Now, blind: _blind);
        }

        public void Add(MonitorState state)
        {
            _fleet.Add(state);
            States.Add(state);
        }

        public async Task LookAsync()
        {
            Watch.Look();
            await Watch.SaveAsync(Cancel);
        }

        public ValueTask DisposeAsync()
        {
            Watch.Dispose();
            _pipeline.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
