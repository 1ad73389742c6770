using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>A leader that has not read every monitor yet must take none away from workers that check them.</summary>
public sealed class NewLeaderTests
{
    private readonly Fleet _fleet = new();
    private readonly IntakeProgress _intake = new();
    private readonly WorkerRoster _roster = new(TimeProvider.System, NullLogger<WorkerRoster>.Instance);
    private readonly SecretResolver _secrets = new(new BrokenSecrets(), TimeProvider.System);
    private readonly AssignmentRound _round;

    public NewLeaderTests() =>
        _round = new AssignmentRound(_fleet, _intake, _secrets, new ChangeFeed(), _roster, TimeProvider.System, NullLogger<AssignmentRound>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_BeforeEverythingIsRead_GivesWhatIsKnownAndTakesNothing()
    {
        var session = Connect();
        Declare("one", 1);
        await RunAsync(settled: false);
        Declare("two", 2);
        _intake.Synced();
        await RunAsync(settled: false);

        var told = await ToldAsync(session, 2);
        Assert.Equal((false, 1, 0), (told[0].Full, told[0].Upserts.Count, told[0].Removed.Count));
        Assert.Equal((true, 2, 0), (told[1].Full, told[1].Upserts.Count, told[1].Removed.Count));
    }

    [Fact]
    public async Task Run_NothingIsReadYet_SaysNothing()
    {
        var session = Connect();
        await RunAsync(settled: false);
        _intake.Synced();
        await RunAsync(settled: false);

        var told = Assert.Single(await ToldAsync(session, 1));
        Assert.Equal((true, 0), (told.Full, told.Upserts.Count));
    }

    [Fact]
    public async Task Run_SecretsNotReadableYet_TakesNothingBeforeTheGraceIsOver()
    {
        var session = Connect();
        _intake.Synced();
        Declare("open", 1);
        Declare("locked", 2, new SecretRef("login", "password"));
        await RunAsync(settled: false);
        await RunAsync(settled: true);

        var told = await ToldAsync(session, 2);
        Assert.Equal([false, true], told.Select(t => t.Full));
    }

    [Fact]
    public async Task Run_WorkerLeavesBeforeEverythingIsRead_IsNotDrained()
    {
        var session = Connect();
        session.Leaving = true;
        await RunAsync(settled: false);
        Assert.False(session.Drained);
        _intake.Synced();
        await RunAsync(settled: false);
        Assert.True(session.Drained);
    }

    private ProbeSession Connect() => _roster.Connect(new WorkerHello("w1", "default", "1"), remote: true, secure: true);

    private void Declare(string name, long id, params SecretRef[] secrets) =>
        _fleet.Add(States.State(id, States.Monitor(name, secrets: secrets), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));

    private Task<bool> RunAsync(bool settled) => _round.RunAsync(() => { }, settled, Cancel);

    private static async Task<List<AssignmentsChanged>> ToldAsync(ProbeSession session, int count)
    {
        var told = new List<AssignmentsChanged>();
        await foreach (var message in session.ReadAllAsync(Cancel))
        {
            told.Add(Assert.IsType<AssignmentsChanged>(message));
            if (told.Count == count && session.Outgoing.Count == 0)
                break;
        }
        return told;
    }

    private sealed class BrokenSecrets : ISecretSource
    {
        public ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken) => throw new IOException("the API server is away");
    }
}
