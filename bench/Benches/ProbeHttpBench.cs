using System.Diagnostics;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// CPU of one HTTP check with a fresh connection, the whole way to the store, beside a probe of blackbox_exporter at the same rate against
/// the same target. Ours is all that the program uses in that time: scheduling, windows, health, SQLite, the idle dashboard.
/// </summary>
internal sealed class ProbeHttpBench : IBench
{
    // Enough that what the process costs when idle does not matter, and little enough that the peer and its load generator keep up on two cores.
    private const int PerSecond = 1000;
    private const double Goal = 0.3;
    private const double LeastGood = 0.99;

    // After a pause what was due meanwhile is worked off within a second.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1.5);

    private readonly List<(long From, long Until)> _measured = [];

    /// <inheritdoc/>
    public string Name => "probe-http";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        await using var exporter = await BlackboxExporter.StartAsync(work, stop);
        await using var idle = await HealthTrackProcess.StartAsync(work, "idle", 0, TimeSpan.FromSeconds(1), target.Url, stop);
        await using var ours = await HealthTrackProcess.StartAsync(work, "ours", PerSecond, TimeSpan.FromSeconds(1), target.Url, stop);
        run.Say($"{PerSecond} checks a second against {target.Url}; ours is paused while the peer is measured");

        var length = run.Quick ? TimeSpan.FromSeconds(2.5) : TimeSpan.FromSeconds(5);
        var before = await target.CountsAsync(stop);
        var figures = await run.MeasureAsync(Ours(ours, idle, target, length), Peer(ours, exporter, target, length));
        var after = await target.CountsAsync(stop);
        // A few may have been between connection and request at the first count.
        if (after.Requests - before.Requests > (after.Connections - before.Connections) / LeastGood)
            throw new CannotRunException("The target answered more requests than it accepted connections: not every check had a fresh one.");

        await idle.StopAsync();
        await ours.StopAsync();
        RequireGoodChecks(ours);
        return Report(figures[0], figures[1]);
    }

    private Contestant Ours(HealthTrackProcess process, HealthTrackProcess idle, NginxTarget target, TimeSpan length) =>
        new("ours", async stop =>
        {
            process.Resume();
            await Task.Delay(Settle, stop);
            var from = BenchRun.Now();
            var (cpu, idleCpu, targetCpu, stored, clock) = (process.CpuSeconds, idle.CpuSeconds, target.CpuSeconds, process.Stored(), Stopwatch.StartNew());
            await Task.Delay(length, stop);
            var (seconds, checks) = (clock.Elapsed.TotalSeconds, process.Stored() - stored);
            var figures = new Figures(
                ("us", (process.CpuSeconds - cpu) * 1e6 / checks),
                ("rate", checks / seconds),
                ("idle_ms_per_s", (idle.CpuSeconds - idleCpu) * 1e3 / seconds),
                ("target_us", (target.CpuSeconds - targetCpu) * 1e6 / checks));
            _measured.Add((from, BenchRun.Now()));
            process.Pause();
            return figures;
        });

    private static Contestant Peer(HealthTrackProcess paused, BlackboxExporter exporter, NginxTarget target, TimeSpan length) =>
        new("blackbox_exporter", async stop =>
        {
            paused.Pause();
            var load = new ProbeLoad(PerSecond, cancelled => exporter.ProbeAsync(target.Url, cancelled));
            var (cpu, loaderCpu, targetCpu, clock) = (exporter.CpuSeconds, ProcessCpu.OwnSeconds(), target.CpuSeconds, Stopwatch.StartNew());
            var (probes, good) = await load.RunAsync(length, stop);
            if (good < probes * LeastGood)
                throw new CannotRunException($"Only {good} of {probes} probes of blackbox_exporter were good: the machine is too busy to measure.");
            return new Figures(
                ("us", (exporter.CpuSeconds - cpu) * 1e6 / probes),
                ("rate", probes / clock.Elapsed.TotalSeconds),
                ("target_us", (target.CpuSeconds - targetCpu) * 1e6 / probes),
                ("loader_us", (ProcessCpu.OwnSeconds() - loaderCpu) * 1e6 / probes));
        });

    // What was stored of the measured spans, warm-up included: it must be what the peer did, a GET over a connection of its own, answered 200.
    private void RequireGoodChecks(HealthTrackProcess process)
    {
        using var store = process.OpenStore();
        foreach (var (from, until) in _measured)
        {
            var (all, ok, connected) = store.Outcomes(from, until);
            if (all == 0 || ok < all * LeastGood || connected < ok * LeastGood)
                throw new CannotRunException($"Of {all} stored checks {ok} were ok and {connected} connected: the machine is too busy to measure.");
        }
    }

    private static BenchReport Report(Figures ours, Figures peer) => new()
    {
        Unit = "us CPU/check",
        Ours = ours["us"],
        Peer = peer["us"],
        Goal = Goal,
        GoalIsRatio = true,
        Extra =
        [
            ("rate", ours["rate"]), ("rate_peer", peer["rate"]), ("idle_ms_per_s", ours["idle_ms_per_s"]),
            ("target_us", ours["target_us"]), ("target_peer_us", peer["target_us"]), ("loader_peer_us", peer["loader_us"]),
        ],
        Table =
        [
            ["HTTP, fresh connection, medians", "us CPU/check", "checks/s", "target, us CPU/check", "loader, us CPU/check"],
            ["healthtrack, to the store", Figures.Number(ours["us"]), Figures.Number(ours["rate"]), Figures.Number(ours["target_us"]), "-"],
            ["blackbox_exporter, http_2xx", Figures.Number(peer["us"]), Figures.Number(peer["rate"]), Figures.Number(peer["target_us"]), Figures.Number(peer["loader_us"])],
            ["ratio (goal 0.3)", Figures.Number(ours["us"] / peer["us"]), "-", "-", "-"],
            ["healthtrack without monitors, ms CPU/s", Figures.Number(ours["idle_ms_per_s"]), "-", "-", "-"],
        ],
    };
}
