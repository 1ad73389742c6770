using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>What one plan tells each worker.</summary>
public sealed class AssignmentRoundTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_MonitorGetsASecretWhileAnInsecureWorkerChecksIt_TellsThatWorkerNoSecret()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (fleet, feed, intake) = (new Fleet(), new ChangeFeed(), new IntakeProgress());
        intake.Synced();
        using var secrets = new SecretResolver(new OneSecret(), time);
        var roster = new WorkerRoster(time, NullLogger<WorkerRoster>.Instance);
        var round = new AssignmentRound(fleet, intake, secrets, feed, roster, time, NullLogger<AssignmentRound>.Instance);
        var insecure = roster.Connect(new WorkerHello("far", "default", "1"), remote: true, secure: false);
        var plain = States.Monitor("api");
        var state = States.State(1, plain, now);
        fleet.Add(state);
        await round.RunAsync(() => { }, true, Token);
        Assert.Single(insecure.Held);

        var secure = roster.Connect(new WorkerHello("near", "default", "1"), remote: false, secure: true);
        var locked = States.Monitor("api", generation: 2, secrets: new SecretRef("login", "password"));
        state.Declare(States.Row(1, locked), States.Declaration(locked), locked, now);
        await round.RunAsync(() => { }, true, Token);

        Assert.Contains(Told(secure), assignment => assignment.Secrets.Values.Contains("open sesame"));
        // It goes on with the form that it has until the other has taken over.
        Assert.DoesNotContain(Told(insecure), assignment => assignment.Secrets.Count > 0);
        Assert.Single(insecure.Held);
    }

    private static List<Assignment> Told(ProbeSession session)
    {
        var told = new List<Assignment>();
        while (session.Outgoing.TryRead(out var message))
        {
            if (message is AssignmentsChanged change)
                told.AddRange(change.Upserts);
        }
        return told;
    }

    private sealed class OneSecret : ISecretSource
    {
        public ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken) => new("open sesame");
    }
}
