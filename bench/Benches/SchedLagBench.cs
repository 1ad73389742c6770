using System.Diagnostics;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// How late checks start: 10 000 monitors at 10 s, real HTTP checks in the real program with all behind them to the store, beside a bare
/// timer that ticks as often as the scheduler does.
/// </summary>
internal sealed class SchedLagBench : IBench
{
    private const int Monitors = 10_000;
    private const double GoalMs = 20;
    private const double GoalCpuShare = 0.5;
    private const double GoalSpread = 1.15;
    private const double LeastGood = 0.99;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // CheckScheduler.TickEvery.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(8);

    private long _from;

    /// <inheritdoc/>
    public string Name => "sched-lag";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        run.Say($"starting with {Monitors} monitors at {Interval.TotalSeconds} s; each is checked once before the rounds");
        await using var ours = await HealthTrackProcess.StartAsync(work, "ours", Monitors, Interval, target.Url, stop);

        var signs = run.Quick ? 2 : 5;
        var peerLength = TimeSpan.FromSeconds(run.Quick ? 2 : 5);
        var clock = Stopwatch.StartNew();
        // The warm-up's rounds count for the stored checks too: lateness is looked at over all that are on their grid.
        _from = BenchRun.Now();
        var missedBefore = (await ours.WorkerAsync(stop))?.Missed ?? 0;
        var figures = await run.MeasureAsync(Ours(ours, signs), Peer(peerLength));
        var until = BenchRun.Now();
        var missed = (await ours.WorkerAsync(stop))!.Missed - missedBefore;
        run.Say($"measured for {clock.Elapsed.TotalSeconds:0} s; reading what was stored");

        await ours.StopAsync();
        using var store = ours.OpenStore();
        return Report(figures[0], figures[1], missed, Stored.Read(store, _from, until));
    }

    private static Contestant Ours(HealthTrackProcess process, int signs) => new("ours", async stop =>
    {
        var last = (await NextSignAsync(process, null, stop)).At;
        var (cpu, stored, clock) = (process.CpuSeconds, process.Stored(), Stopwatch.StartNew());
        // Each sign of life tells of the checks since the one before: the worst of a round counts.
        var worst = 0.0;
        for (var i = 0; i < signs; i++)
        {
            var sign = await NextSignAsync(process, last, stop);
            if (sign.Assigned != Monitors)
                throw new CannotRunException($"The worker holds {sign.Assigned} monitors, not {Monitors}.");
            worst = Math.Max(worst, sign.LagP99Ms);
            last = sign.At;
        }
        var seconds = clock.Elapsed.TotalSeconds;
        return new Figures(
            ("lag_p99_ms", worst),
            ("cpu_share", (process.CpuSeconds - cpu) / seconds / Environment.ProcessorCount),
            ("rate", (process.Stored() - stored) / seconds));
    });

    private static async Task<WorkerSign> NextSignAsync(HealthTrackProcess process, DateTimeOffset? last, CancellationToken stop)
    {
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed < TimeSpan.FromSeconds(30))
        {
            if (await process.WorkerAsync(stop) is { } sign && (last is null || sign.At > last))
                return sign;
            await Task.Delay(100, stop);
        }
        throw new CannotRunException("The worker gave no sign of life for 30 s.");
    }

    private static Contestant Peer(TimeSpan length) => new("bare timer", async stop =>
    {
        var perSecond = (int)(Monitors / Interval.TotalSeconds);
        var latenesses = await BareTimer.RunAsync(Tick, perSecond, length, stop);
        return new Figures(("lag_p99_ms", latenesses[Rank(latenesses.Length)]));
    });

    private static int Rank(int count) => (int)Math.Ceiling(count * 0.99) - 1;

    private static BenchReport Report(Figures ours, Figures peer, long missed, Stored stored) => new()
    {
        Unit = "ms",
        Ours = ours["lag_p99_ms"],
        Peer = peer["lag_p99_ms"],
        Goal = GoalMs,
        Further =
        [
            new FurtherGoal("cpu_share", ours["cpu_share"], GoalCpuShare),
            new FurtherGoal("due_spread", stored.PeakToMean, GoalSpread),
        ],
        Extra = [("rate", ours["rate"]), ("missed", missed), ("stored_lag_p50_ms", stored.P50), ("stored_lag_p99_ms", stored.P99), ("stored_lag_max_ms", stored.Max)],
        Table =
        [
            [$"{Monitors} monitors at {Interval.TotalSeconds} s", "ours", "bare timer", "goal"],
            ["lateness p99, ms (median of rounds)", Figures.Number(ours["lag_p99_ms"]), Figures.Number(peer["lag_p99_ms"]), Figures.Number(GoalMs)],
            ["share of the CPU", Figures.Number(ours["cpu_share"]), "-", Figures.Number(GoalCpuShare)],
            ["checks stored a second", Figures.Number(ours["rate"]), "-", "-"],
            ["due in a second, peak / mean", Figures.Number(stored.PeakToMean), "-", Figures.Number(GoalSpread)],
            ["due times missed", Figures.Number(missed), "-", "-"],
            ["all stored checks: lateness p50 / p99 / max, ms", $"{stored.P50} / {stored.P99} / {stored.Max}", "-", "-"],
        ],
    };

    /// <summary>What the store says of all scheduled checks, in whole ms rounded up.</summary>
    private sealed record Stored(long P50, long P99, long Max, double PeakToMean)
    {
        public static Stored Read(StoredChecks store, long from, long until)
        {
            var (all, ok, _) = store.Outcomes(from, until);
            if (all == 0 || ok < all * LeastGood)
                throw new CannotRunException($"Of {all} stored checks {ok} were ok: the machine is too busy to measure.");
            var latenesses = store.Latenesses(from, until);
            // Whole seconds, and whole intervals: each monitor as often as any other.
            var first = ((from / 1000) + 1) * 1000;
            var whole = (until - first) / (long)Interval.TotalMilliseconds * (long)Interval.TotalMilliseconds;
            var due = store.DuePerSecond(first, first + whole);
            return new Stored(latenesses[latenesses.Length / 2] + 1, latenesses[Rank(latenesses.Length)] + 1, latenesses[^1] + 1, due.Max() / due.Average());
        }
    }
}
