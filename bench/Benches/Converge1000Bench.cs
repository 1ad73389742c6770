using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// 1000 ServiceMonitors made at once through a real API server: seconds, from the first request, until the operator has written into the status of each that
/// it has seen it, and until the status of each has a result. The limit is that of a client with 20 requests a second, which is what a controller has that
/// leaves its client as it comes: 1000 writes are 50 s.
/// </summary>
internal sealed class Converge1000Bench : IBench
{
    private const int Monitors = 1000;
    private const double Limit = 50;
    private const double Goal = 15;
    private const double AcceptedGoal = 5;
    private const int Rounds = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public string Name => "converge-1000";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, run.CancellationToken);
        var rounds = new List<Figures>();
        for (var round = 1; round <= (run.Quick ? 1 : Rounds); round++)
        {
            rounds.Add(await MeasureAsync(run, target));
            run.Say($"round {round}: {rounds[^1]}");
        }
        var figures = Figures.Median(rounds);
        return new BenchReport
        {
            Unit = "s",
            Ours = figures["first_result_s"],
            Peer = Limit,
            Goal = Goal,
            Further = [new("accepted_s", figures["accepted_s"], AcceptedGoal)],
            Extra = [("created_s", figures["created_s"]), ("cpu_s", figures["cpu_s"]), ("server_cpu_s", figures["server_cpu_s"]), ("patches", figures["patches"])],
            Table =
            [
                [$"{Monitors} monitors at once", "s", "20 a second", "goal"],
                ["taken by the API server", Figures.Number(figures["created_s"]), "-", "-"],
                ["status of each: accepted", Figures.Number(figures["accepted_s"]), Figures.Number(Limit), Figures.Number(AcceptedGoal)],
                ["status of each: a first result", Figures.Number(figures["first_result_s"]), Figures.Number(Limit), Figures.Number(Goal)],
                ["CPU of the operator", Figures.Number(figures["cpu_s"]), "-", "-"],
                ["CPU of the API server and etcd", Figures.Number(figures["server_cpu_s"]), "-", "-"],
            ],
        };
    }

    // Each round with a cluster and an operator of its own: neither remembers the one before.
    private static async Task<Figures> MeasureAsync(BenchRun run, NginxTarget target)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var server = new ApiServerInstance();
        await server.StartAsync(stop);
        await using var monitors = await ClusterMonitors.WatchAsync(server, stop);
        await using var ours = await OperatorProcess.StartAsync(work, server.Kubeconfig(await server.OperatorTokenAsync(stop)), stop);

        double ServerCpu() => server.ProcessIds.Sum(ProcessCpu.Seconds);
        var (start, cpu, serverCpu) = (BenchRun.Now(), ours.CpuSeconds, ServerCpu());
        await monitors.CreateAsync(Monitors, Interval, _ => target.Url, stop);
        var created = BenchRun.Now();
        await ours.WaitUntilAsync("a first result for each", GiveUp, () => monitors.Count(Stage.FirstResult) == Monitors, stop);
        return new Figures(
            ("created_s", (created - start) / 1e3),
            ("accepted_s", (monitors.LastAt(Stage.Accepted) - start) / 1e3),
            ("first_result_s", (monitors.LastAt(Stage.FirstResult) - start) / 1e3),
            ("cpu_s", ours.CpuSeconds - cpu),
            ("server_cpu_s", ServerCpu() - serverCpu),
            ("patches", await ours.StatusWritesAsync(stop)));
    }
}
