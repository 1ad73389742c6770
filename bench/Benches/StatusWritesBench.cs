using System.Diagnostics;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// Patches of status for each check, 1000 monitors at 10 s with nothing new to say, and how late the latest change of health stands in its status: from the
/// end of the check that made it to the watch of a client that sees it. The limit is a patch for each check.
/// </summary>
internal sealed class StatusWritesBench : IBench
{
    private const int Monitors = 1000;
    private const int Turning = 100; // So many lose their target at once.
    private const double Limit = 1;
    private const double Goal = 0.05;
    private const double LateGoal = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public string Name => "status-writes";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        using var workOfOther = new WorkFolder();
        await using var server = new ApiServerInstance();
        await server.StartAsync(stop);
        await using var target = await NginxTarget.StartAsync(work, stop);
        await using var doomed = await NginxTarget.StartAsync(workOfOther, stop);
        await using var monitors = await ClusterMonitors.WatchAsync(server, stop);
        await using var ours = await OperatorProcess.StartAsync(work, server.Kubeconfig(await server.OperatorTokenAsync(stop)), stop);
        await monitors.CreateAsync(Monitors, Interval, number => number < Turning ? doomed.Url : target.Url, stop);
        await ours.WaitUntilAsync("a first result for each", GiveUp, () => monitors.Count(Stage.FirstResult) == Monitors, stop);
        // What the first checks have to say is said.
        await Task.Delay(Interval, stop);

        run.Say("counting patches");
        var (writes, stored, cpu, clock) = (await ours.StatusWritesAsync(stop), ours.Stored(), ours.CpuSeconds, Stopwatch.StartNew());
        await Task.Delay(run.Quick ? Interval : Interval * 12, stop);
        var (patches, checks) = (await ours.StatusWritesAsync(stop) - writes, ours.Stored() - stored);
        var (seconds, cpuSeconds) = (clock.Elapsed.TotalSeconds, ours.CpuSeconds - cpu);

        run.Say($"{Turning} monitors lose their target");
        var from = BenchRun.Now();
        await doomed.StopAsync();
        await ours.WaitUntilAsync("Unhealthy", GiveUp, () => monitors.Count(Stage.Unhealthy) >= Turning, stop);
        var late = Lateness(monitors, ours, from);

        var ratio = patches / checks;
        return new BenchReport
        {
            Unit = "patches/check",
            Ours = ratio,
            Peer = Limit,
            Goal = Goal,
            Further = [new("late_s", late[^1], LateGoal)],
            Extra =
            [
                ("late_p50_s", late[late.Length / 2]), ("patches_per_s", patches / seconds), ("checks_per_s", checks / seconds), ("cpu_ms_per_s", cpuSeconds * 1e3 / seconds),
            ],
            Table =
            [
                [$"{Monitors} monitors at {Interval.TotalSeconds} s", "ours", "a patch a check", "goal"],
                ["patches a check", Figures.Number(ratio), Figures.Number(Limit), Figures.Number(Goal)],
                ["patches/s", Figures.Number(patches / seconds), Figures.Number(checks / seconds), "-"],
                [$"latest of {Turning} changes of health, s", Figures.Number(late[^1]), "-", Figures.Number(LateGoal)],
                ["… median, s", Figures.Number(late[late.Length / 2]), "-", "-"],
                ["CPU of the operator, ms/s", Figures.Number(cpuSeconds * 1e3 / seconds), "-", "-"],
            ],
        };
    }

    // Seconds, ascending.
    private static double[] Lateness(ClusterMonitors monitors, OperatorProcess ours, long from)
    {
        using var store = ours.OpenStore();
        var ended = store.FirstBad(from - (long)Interval.TotalMilliseconds, BenchRun.Now());
        var shown = monitors.At(Stage.Unhealthy).Where(s => s.Value >= from).ToDictionary();
        if (shown.Keys.FirstOrDefault(name => !ended.ContainsKey(name)) is { } odd)
            throw new CannotRunException($"{odd} is Unhealthy without a bad check: the store was not read as it is.");
        return [.. shown.Select(s => (s.Value - ended[s.Key]) / 1e3).Order()];
    }
}
