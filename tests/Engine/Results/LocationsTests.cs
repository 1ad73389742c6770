using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Results;

/// <summary>A monitor that three locations check, two of which must see a failure.</summary>
public sealed class LocationsTests
{
    private const long Slot = 10_000;
    private static readonly string[] Pools = ["frankfurt", "paris", "oslo"];
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void Record_OneLocationFails_IsHealthyAndTwoAreNot()
    {
        var state = State("shop");
        Round(state, Outcome.Ok, Outcome.Ok, Outcome.Ok);
        Round(state, Outcome.Down, Outcome.Ok, Outcome.Ok);
        Assert.Equal(Health.Healthy, state.Health);
        Round(state, Outcome.Down, Outcome.Down, Outcome.Ok);

        var snapshot = state.Snapshot(Now);
        Assert.Equal(Health.Unhealthy, snapshot.Verdict.Health);
        Assert.StartsWith("2 of 3 locations (frankfurt, paris) see it fail: refused; the last round failed", snapshot.Verdict.Message, StringComparison.Ordinal);
        Assert.Equal([Health.Unhealthy, Health.Unhealthy, Health.Healthy], snapshot.Locations.Select(l => l.Health));
        Assert.Equal(["worker-frankfurt", "worker-paris", "worker-oslo"], snapshot.Locations.Select(l => l.Worker));
        // Results count in the error rate, rounds in the uptime.
        Assert.Equal((9, 100.0 / 3), (snapshot.Window.Checks, snapshot.Window.ErrorRatePercent!.Value), new Near());
        Assert.Equal(200.0 / 3, snapshot.UptimePercent!.Value, 6);
    }

    [Fact]
    public void Record_APoolThatIsNoneOfItsOwn_IsHistory()
    {
        var state = State("shop");
        state.Record(Result(state, "rome", Outcome.Down), Now);
        Assert.Equal(0, state.Snapshot(Now).Window.Checks);
    }

    [Fact]
    public void Reevaluate_TwoOfThreeFallSilent_IsUnknown()
    {
        var state = State("shop");
        Round(state, Outcome.Ok, Outcome.Ok, Outcome.Ok);
        for (var i = 0; i < 7; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Slot));
            state.Record(Result(state, "oslo", Outcome.Ok), Now);
        }
        state.Reevaluate(Now);
        Assert.Equal((Health.Unknown, "NoRecentResult"), (state.Health, state.Snapshot(Now).Verdict.Reason));
    }

    [Fact]
    public void Holds_TheSameInstantAtAnotherLocation_IsNotHeld()
    {
        var state = State("shop");
        var result = Result(state, "oslo", Outcome.Ok);
        state.Record(result, Now);
        Assert.True(state.Holds(result.Id));
        Assert.False(state.Holds(result.Id with { Location = "paris" }));
    }

    [Fact]
    public void Rebuild_FromWhatIsStored_SaysWhatItSaidBefore()
    {
        var before = State("shop");
        var results = new List<CheckResult>();
        foreach (var round in (Outcome[][])[[Outcome.Ok, Outcome.Ok, Outcome.Ok], [Outcome.Down, Outcome.Ok, Outcome.Ok], [Outcome.Down, Outcome.Down, Outcome.Ok]])
            results.AddRange(Round(before, round));
        var stored = results.ConvertAll(Sample);
        var was = before.Snapshot(Now);

        var after = State("shop");
        after.Rebuild(new MonitorHistory(stored, [], stored[0].DueTime, stored, Result(after, "oslo", Outcome.Ok)) { Votes = stored, Newest = [.. results.AsEnumerable().Reverse()] }, Now);
        var now = after.Snapshot(Now);

        Assert.Equal((was.Verdict.Health, was.UptimePercent, was.Window.Checks), (now.Verdict.Health, now.UptimePercent, now.Window.Checks));
        // The workers too: a restart is no reason to write every status anew.
        Assert.Equal(was.Locations, now.Locations);
        Assert.Equal(was.Verdict.Message, now.Verdict.Message);
    }

    [Fact]
    public void Refill_TwoLocationsWithOneDueTime_TakesEachOnce()
    {
        var state = State("shop");
        var monitor = state.Monitor!;
        var longer = monitor with { Generation = 2, Spec = monitor.Spec with { Window = TimeSpan.FromHours(2) } };
        var (early, late) = (Result(state, "oslo", Outcome.Ok), Result(state, "paris", Outcome.Down));
        late = late with { DueTime = early.DueTime };
        state.Record(early, Now);
        state.Declare(States.Row(1, longer), States.Declaration(longer), longer, Now);
        state.Record(late, Now);

        state.Refill([.. new[] { early, late }.Select(Sample)], Now);

        Assert.Equal((2, 50.0), (state.Snapshot(Now).Window.Checks, state.Snapshot(Now).Window.ErrorRatePercent));
    }

    [Fact]
    public void Look_ALocationThatSeesEverythingFail_IsBlindAndHasNoSay()
    {
        var (fleet, feed, intake) = (new Fleet(), new ChangeFeed(), new IntakeProgress());
        var blind = new BlindTimes();
        var states = Enumerable.Range(0, 5).Select(i => State($"m{i}", i + 1, quorum: 1, blind)).ToList();
        foreach (var state in states)
        {
            fleet.Add(state);
            Round(state, Outcome.Down, Outcome.Ok, Outcome.Ok);
            Assert.Equal(Health.Unhealthy, state.Health);
        }
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var pipeline = new ResultPipeline(
            new FakeStore(), fleet, feed, new ManualChecks(), new HealthSweep(fleet, feed, _time), new PipelineMetrics(registry), _time, NullLogger<ResultPipeline>.Instance);
        using var watch = new LocationWatch(fleet, intake, feed, pipeline, blind, new FakeStore(), registry, _time, NullLogger<LocationWatch>.Instance);

        watch.Look();
        Assert.Equal(["frankfurt"], watch.Blind);
        foreach (var state in states)
        {
            Round(state, Outcome.Down, Outcome.Ok, Outcome.Ok);
            Assert.Equal(Health.Healthy, state.Health);
        }

        foreach (var state in states)
            Round(state, Outcome.Ok, Outcome.Ok, Outcome.Ok);
        watch.Look();
        Assert.Empty(watch.Blind);
    }

    private MonitorState State(string name, long id = 1, int quorum = 2, BlindTimes? blind = null)
    {
        var monitor = States.Monitor(name);
        return States.State(id, monitor with { Spec = monitor.Spec with { Pools = Pools, Quorum = quorum } }, Now, blind: blind);
    }

    private List<CheckResult> Round(MonitorState state, params Outcome[] outcomes)
    {
        _time.Advance(TimeSpan.FromMilliseconds(Slot));
        var results = outcomes.Select((outcome, i) => Result(state, Pools[i], outcome)).ToList();
        foreach (var result in results)
            state.Record(result, Now);
        return results;
    }

    private CheckResult Result(MonitorState state, string pool, Outcome outcome) => States.Result(state.Monitor!, Now + Array.IndexOf(Pools, pool) - 10, outcome) with
    {
        Location = pool, Worker = $"worker-{pool}", Message = outcome == Outcome.Ok ? null : "refused",
    };

    private static StoredSample Sample(CheckResult r) => new(r.DueTime, r.LatencyMicros, r.Outcome, r.Kind, r.CountsInLatency, r.Generation, r.Location);

    private sealed class Near : IEqualityComparer<(int, double)>
    {
        public bool Equals((int, double) x, (int, double) y) => x.Item1 == y.Item1 && Math.Abs(x.Item2 - y.Item2) < 1e-6;

        public int GetHashCode((int, double) value) => value.Item1;
    }
}
