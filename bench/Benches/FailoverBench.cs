using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;
using HealthTrack.Operator.Tests.Whole.Failover;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// Two operators and three workers over a real API server and a real Postgres, under load, while a worker and the leader are killed, and the API server and the store
/// go away and come back: seconds until checks are stored again after the leader is killed, and the account of every check that was due. The limit is the Lease, which a
/// new leader has to wait for.
/// </summary>
internal sealed class FailoverBench : IBench
{
    private const double Lease = 10;
    private const double Goal = 20;

    /// <inheritdoc/>
    public string Name => "failover";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        await using var system = new FailoverSystem();
        await system.StartAsync(new FailoverPrograms(Programs.HealthTrackOperator(), Programs.HealthTrackProbe()), stop);
        // Three minutes from the first misfortune to the last; quick, the least in which everything happens once.
        var plan = run.Quick
            ? new FailoverPlan { Monitors = 200, Interval = TimeSpan.FromSeconds(4), Between = TimeSpan.FromSeconds(8), Away = TimeSpan.FromSeconds(8), Target = target.Url }
            : new FailoverPlan { Monitors = 2000, Interval = TimeSpan.FromSeconds(10), Between = TimeSpan.FromSeconds(25), Away = TimeSpan.FromSeconds(30), Target = target.Url };
        var outcome = await new FailoverRun(system, plan, run.Say).RunAsync(stop);
        var account = outcome.Account;
        return new BenchReport
        {
            Unit = "s",
            Ours = outcome.StoredAgain.TotalSeconds,
            Peer = Lease,
            Goal = Goal,
            Further = [new("missing", account.Missing.Count, 0), new("unexpected", account.Unexpected.Count, 0)],
            Extra = [("due", account.Due), ("taken_along", account.TakenAlong)],
            Table =
            [
                [$"{plan.Monitors} monitors, interval {plan.Interval.TotalSeconds} s", "ours", "limit"],
                ["stored again after the leader was killed, s", Figures.Number(outcome.StoredAgain.TotalSeconds), Figures.Number(Goal)],
                ["checks due", Figures.Number(account.Due), "-"],
                ["taken along by the killed worker", Figures.Number(account.TakenAlong), "-"],
                ["missing without a reason", Figures.Number(account.Missing.Count), "0"],
                ["made when none was due", Figures.Number(account.Unexpected.Count), "0"],
            ],
        };
    }
}
