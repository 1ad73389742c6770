using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Deadman;

public sealed class PipelineWatchTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
    private readonly IntakeProgress _intake = new();
    private readonly PipelineMetrics _pipeline = new(Prometheus.Metrics.NewCustomRegistry());
    private readonly Fleet _fleet = new();
    private readonly HealthSweep _sweep;
    private readonly WorkerRoster _roster;
    private readonly PipelineWatch _watch;

    public PipelineWatchTests()
    {
        _sweep = new HealthSweep(_fleet, new ChangeFeed(), _time);
        _roster = new WorkerRoster(_time, NullLogger<WorkerRoster>.Instance);
        _watch = new PipelineWatch(_intake, _pipeline, _sweep, _fleet, _roster);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void Problem_NothingToCheck_IsNoneOnceTheMonitorsAreKnown()
    {
        Assert.Equal("The monitors are still being read.", _watch.Problem());
        _intake.Synced();
        Assert.Null(_watch.Problem());
        var suspended = States.Monitor("rests");
        _fleet.Add(States.State(1, suspended with { Spec = suspended.Spec with { Suspend = true } }, Now));
        Assert.Null(_watch.Problem());
    }

    [Fact]
    public void Problem_StoreAway_IsOne()
    {
        _intake.Synced();
        _intake.Waiting("away");
        Assert.Equal("The store is away.", _watch.Problem());
        _intake.Waiting(null);
        _pipeline.StoreAnswered(false);
        Assert.Equal("The store is away.", _watch.Problem());
        _pipeline.StoreAnswered(true);
        Assert.Null(_watch.Problem());
    }

    [Fact]
    public void Problem_PipelineThatHangs_IsOneAfterAMinute()
    {
        _intake.Synced();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(_watch.Problem());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("The pipeline of the results stands still.", _watch.Problem());
        _sweep.RunWhenDue(_ => { });
        Assert.Null(_watch.Problem());
    }

    [Fact]
    public void Problem_NobodyChecks_IsOneUntilAResultComes()
    {
        _intake.Synced();
        var (shop, cart) = (States.Monitor("shop"), States.Monitor("cart"));
        var state = States.State(1, shop, Now);
        _fleet.Add(state);
        _fleet.Add(States.State(2, cart, Now));
        Assert.Equal("No worker is connected.", _watch.Problem());

        _roster.Connect(new WorkerHello("w1", "default", "1"), remote: false, secure: true);
        Assert.Equal("No monitor has a result of late.", _watch.Problem());
        state.Record(States.Result(shop, Now, Outcome.Down), Now);
        Assert.Null(_watch.Problem());

        // A minute of silence, and health is Unknown again.
        _time.Advance(TimeSpan.FromSeconds(61));
        _sweep.RunWhenDue(_ => { });
        Assert.Equal("No monitor has a result of late.", _watch.Problem());
    }
}
