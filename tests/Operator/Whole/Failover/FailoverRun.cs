using System.Diagnostics;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>How long a run is and how much it checks.</summary>
internal sealed record FailoverPlan
{
    public required int Monitors { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>From one misfortune to the next.</summary>
    public required TimeSpan Between { get; init; }

    /// <summary>How long the API server and the store are away.</summary>
    public required TimeSpan Away { get; init; }

    public required string Target { get; init; }
}

/// <summary>What a run found.</summary>
/// <param name="Account">Due and stored.</param>
/// <param name="StoredAgain">From the kill of the leader to the next stored check.</param>
/// <param name="Services">The rows of <c>GET /services</c> at the end.</param>
internal sealed record FailoverOutcome(CheckAccount Account, TimeSpan StoredAgain, string Services);

/// <summary>
/// Monitors under load while, in turn, a worker is killed, the leader is killed, the API server goes away and comes back, and so does the store. Then the account.
/// </summary>
internal sealed class FailoverRun(FailoverSystem system, FailoverPlan plan, Action<string> say)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public async Task<FailoverOutcome> RunAsync(CancellationToken cancellationToken)
    {
        await UntilAsync("one leads", async () => await system.LeaderAsync(cancellationToken) is not null, cancellationToken);
        await system.DeclareAsync(plan.Monitors, plan.Interval, plan.Target, cancellationToken);
        await UntilAsync("all have a result", async () => await system.MonitorsCheckedSinceAsync(0, cancellationToken) == plan.Monitors, cancellationToken);
        // The first check of each is off its grid: one interval later all are on it.
        await Task.Delay(plan.Interval, TimeProvider.System, cancellationToken);
        var from = Now();
        say($"{plan.Monitors} monitors are checked");

        await Task.Delay(plan.Between, TimeProvider.System, cancellationToken);
        var death = await system.KillWorkerAsync(cancellationToken);
        say("a worker was killed");

        await Task.Delay(plan.Between, TimeProvider.System, cancellationToken);
        // One after the other, however slow the machine: who leads next would wait for a worker that was not given up.
        await UntilAsync("the killed worker is given up", async () => await system.HasGivenUpAsync(death, cancellationToken), cancellationToken);
        var storedAgain = await KillLeaderAsync(cancellationToken);
        say($"the leader was killed; checks were stored again after {storedAgain.TotalSeconds:F1} s");

        await Task.Delay(plan.Between, TimeProvider.System, cancellationToken);
        await system.Cluster.StopAsync();
        say("the API server is away");
        await Task.Delay(plan.Away, TimeProvider.System, cancellationToken);
        await system.Cluster.RestartAsync();
        say("the API server is back");

        await Task.Delay(plan.Between, TimeProvider.System, cancellationToken);
        await system.Postgres.StopAsync(cancellationToken);
        say("the store is away");
        await Task.Delay(plan.Away, TimeProvider.System, cancellationToken);
        await system.Postgres.StartAsync(cancellationToken);
        say("the store is back");

        await Task.Delay(plan.Between, TimeProvider.System, cancellationToken);
        var until = Now();
        await UntilAsync(
            "what was due is stored", async () => await system.MonitorsCheckedSinceAsync(until, cancellationToken) == plan.Monitors, cancellationToken);
        var services = "";
        await UntilAsync("the API answers", async () => (services = await system.ServicesAsync(cancellationToken) ?? "").Length > 0, cancellationToken);
        await system.StopWorkersAsync(cancellationToken);

        var account = new CheckAccount();
        foreach (var checks in await system.ChecksAsync(cancellationToken))
            account.Add(checks.Key.Name, checks.Key.Uid, FailoverSystem.Pool, plan.Interval, checks, from, until, [death]);
        say(account.ToString());
        return new FailoverOutcome(account, storedAgain, services);
    }

    private async Task<TimeSpan> KillLeaderAsync(CancellationToken cancellationToken)
    {
        SupervisedProcess? leader = null;
        await UntilAsync("one leads", async () => (leader = await system.LeaderAsync(cancellationToken)) is not null, cancellationToken);
        await leader!.KillAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        // A commit that was under way may still be made.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
        long? stored = null;
        await UntilAsync("the store answers", async () => (stored = await system.StoredAsync(cancellationToken)) is not null, cancellationToken);
        await UntilAsync("checks are stored again", async () => await system.StoredAsync(cancellationToken) > stored, cancellationToken);
        return clock.Elapsed;
    }

    private async Task UntilAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed > Limit)
                throw new InvalidOperationException($"Not within {Limit.TotalSeconds} s: {what}.\n{system.Tails()}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
