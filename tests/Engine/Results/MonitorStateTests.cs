using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Results;

public sealed class MonitorStateTests
{
    private const long Now = 1_900_000_000_000;

    [Fact]
    public void Record_LateResult_ChangesTheWindowAndNotTheHealth()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        state.Record(States.Result(monitor, Now), Now);
        state.Record(States.Result(monitor, Now - 60_000, Outcome.Down), Now);
        var at = state.Snapshot(Now);
        Assert.Equal((Health.Healthy, Now, 1, 1), (at.Verdict.Health, at.Last!.DueTime, at.Window.Good, at.Window.Bad));
    }

    [Fact]
    public void Record_OfAnEarlierTargetOrGeneration_IsCountedForPrometheusAndNothingElse()
    {
        var monitor = States.Monitor("api", generation: 5);
        var state = new MonitorState(States.Row(1, monitor, countsFrom: Now - 1000, fromGeneration: 5), States.Declaration(monitor), monitor, Now);
        state.Record(States.Result(monitor, Now - 1001, Outcome.Down), Now);
        state.Record(States.Result(monitor, Now - 500, Outcome.Down) with { Generation = 4 }, Now);
        var at = state.Snapshot(Now);
        Assert.Equal((Health.Unknown, 0), (at.Verdict.Health, at.Window.Checks));
        Assert.Null(at.Last);
        Assert.Equal(2, at.Counters.Outcomes[(int)Outcome.Down]);
    }

    [Fact]
    public void Record_Thresholds_TurnHealthAfterThatManyInARow()
    {
        var monitor = States.Monitor("api", failures: 2, successes: 3);
        var state = States.State(1, monitor, Now);
        Health After(long due, Outcome outcome)
        {
            state.Record(States.Result(monitor, due, outcome), Now);
            return state.Health;
        }
        Assert.NotEqual(Health.Unhealthy, After(Now - 9, Outcome.Down));
        Assert.Equal(Health.Unhealthy, After(Now - 8, Outcome.Error));
        Assert.Equal(Health.Unhealthy, After(Now - 7, Outcome.Ok));
        Assert.Equal(Health.Unhealthy, After(Now - 6, Outcome.Ok));
        Assert.NotEqual(Health.Unhealthy, After(Now - 5, Outcome.Ok));
    }

    [Fact]
    public void Declare_AnotherTarget_BeginsAnewAndKeepsTheCounters()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        state.Record(States.Result(monitor, Now - 10, Outcome.Down), Now);
        var next = monitor with { Generation = 2 };
        state.Declare(States.Row(1, next, countsFrom: Now, fromGeneration: 2), States.Declaration(next), next, Now);
        var at = state.Snapshot(Now);
        Assert.Equal((Health.Unknown, HealthReasons.AwaitingFirstCheck, 0), (at.Verdict.Health, at.Verdict.Reason, at.Window.Checks));
        Assert.Equal(1, at.Counters.Outcomes[(int)Outcome.Down]);
    }

    [Fact]
    public void Declare_WrongSpecAfterAGoodOne_KeepsTheGoodOneInForceAndStalls()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        state.Record(States.Result(monitor, Now), Now);
        var wrong = States.Declaration(monitor) with { Monitor = null, Errors = [new FieldError("spec.http.url", "is required")] };
        state.Declare(States.Row(1, monitor), wrong, monitor, Now + 5000);

        var at = state.Snapshot(Now + 5000);
        Assert.Equal(Health.Healthy, at.Verdict.Health);
        Assert.Equal(1, at.Window.Checks);
        Assert.Contains(at.Conditions, c => c is { Type: "Stalled", Status: "True" } && c.Message.Contains("spec.http.url", StringComparison.Ordinal));
        Assert.Equal(Now + 5000, at.Conditions.Single(c => c.Type == "Ready").Since);
    }

    [Fact]
    public void Snapshot_ConditionOfTheSameStatus_KeepsItsTransitionTime()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        state.Record(States.Result(monitor, Now), Now);
        state.Record(States.Result(monitor, Now + 10_000), Now + 10_000);
        Assert.Equal(Now, state.Snapshot(Now + 10_000).Conditions.Single(c => c.Type == "Healthy").Since);
    }

    [Fact]
    public void Rebuild_FromHistory_IsWhatItWasBefore()
    {
        var monitor = States.Monitor("api", failures: 3, successes: 3);
        var lived = States.State(1, monitor, Now - 100_000);
        var results = new[] { Outcome.Ok, Outcome.Down, Outcome.Down, Outcome.Down, Outcome.Ok, Outcome.Ok }
            .Select((o, i) => States.Result(monitor, Now - 60_000 + i * 10_000, o)).ToList();
        foreach (var result in results)
            lived.Record(result, result.DueTime);

        var restarted = new MonitorState(
            States.Row(1, monitor, health: lived.Mark().Mark), States.Declaration(monitor), monitor, Now);
        var samples = results.ConvertAll(r => new StoredSample(r.DueTime, r.LatencyMicros, r.Outcome, r.Kind, r.CountsInLatency, 1, "default"));
        restarted.Rebuild(
            new MonitorHistory(samples, [new OutcomeBin(Now - 60_000 - (Now - 60_000) % 300_000, 3, 3)], Now - 60_000, samples, results[^1]), Now);

        var (before, after) = (lived.Snapshot(Now), restarted.Snapshot(Now));
        Assert.Equal(before.Verdict, after.Verdict);
        Assert.Equal(before.Window, after.Window);
        Assert.Equal(before.UptimePercent, after.UptimePercent);
        Assert.Equal(before.HealthSince, after.HealthSince);
        Assert.Equal(Health.Unhealthy, after.Verdict.Health);
    }

    [Fact]
    public void Reevaluate_HealthTurnedMeanwhileByAnotherLook_SaysSoOnce()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        state.Record(States.Result(monitor, Now), Now);
        var silent = Now + 120_000;
        state.SetSecretProblem(SecretProblem.NotFound(["default/s key k"]), silent);
        Assert.Equal(Health.Unknown, state.Health);
        Assert.True(state.Reevaluate(silent));
        Assert.False(state.Reevaluate(silent));
    }

    [Fact]
    public void SetSecretProblem_NamesThem_UntilTheyAreThere()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        Assert.True(state.SetSecretProblem(SecretProblem.NotFound(["default/s key k"]), Now));
        Assert.False(state.SetSecretProblem(SecretProblem.NotFound(["default/s key k"]), Now));
        Assert.Equal(HealthReasons.SecretNotFound, state.Snapshot(Now).Verdict.Reason);
        Assert.True(state.SetSecretProblem(null, Now));
        Assert.Equal("True", state.Snapshot(Now).Conditions.Single(c => c.Type == "Ready").Status);
    }

    [Fact]
    public async Task Record_FromManyThreads_LosesNothing()
    {
        var monitor = States.Monitor("api");
        var state = States.State(1, monitor, Now);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                state.Record(States.Result(monitor, Now - 3_000_000 + t * 500 + i), Now);
                state.Snapshot(Now);
            }
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(2000, state.Snapshot(Now).Window.Checks);
    }
}
