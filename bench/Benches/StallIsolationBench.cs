using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// Whether targets that never answer make the checks of the others late: the p99 lateness of the healthy ones while a tenth of the targets accepts connections and
/// says nothing, less that of the same program without such targets. Each round starts both, one after the other.
/// </summary>
internal sealed class StallIsolationBench : IBench
{
    private const int Monitors = 2000;
    private const double Goal = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "stall-isolation";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        await using var hole = new BlackHole();
        var rounds = new List<Figures>();
        for (var round = 1; round <= (run.Quick ? 1 : 5); round++)
        {
            var without = await MeasureAsync(run, BenchFleet.Make(work, $"without-{round}", Monitors, Interval, _ => target.Url), hole);
            var with = await MeasureAsync(run, BenchFleet.Make(work, $"with-{round}", Monitors, Interval, i => i % 10 == 0 ? hole.Url : target.Url), hole);
            rounds.Add(new Figures(("with_ms", with), ("without_ms", without), ("added_ms", with - without)));
            run.Say($"round {round}: {rounds[^1]}");
        }
        var figures = Figures.Median(rounds);
        return new BenchReport
        {
            Unit = "ms",
            Ours = figures["added_ms"],
            Goal = Goal,
            Extra = [("with_ms", figures["with_ms"]), ("without_ms", figures["without_ms"])],
            Table =
            [
                [$"{Monitors} monitors at {Interval.TotalSeconds} s, healthy ones", "ms", "goal"],
                ["lateness p99, a tenth of the targets is silent", Figures.Number(figures["with_ms"]), "-"],
                ["lateness p99, none is", Figures.Number(figures["without_ms"]), "-"],
                ["added", Figures.Number(figures["added_ms"]), Figures.Number(Goal)],
            ],
        };
    }

    private static async Task<double> MeasureAsync(BenchRun run, BenchFleet fleet, BlackHole hole)
    {
        var stop = run.CancellationToken;
        await using var ours = HealthTrackProcess.Start(fleet);
        await ours.WaitUntilRunningAsync(stop);
        // First checks are off the grid, and the JIT is warm after them.
        await Task.Delay((2 * Interval) + run.WarmUp, stop);
        var from = BenchRun.Now();
        await Task.Delay(run.Quick ? 2 * Interval : 6 * Interval, stop);
        var until = BenchRun.Now() - 1000;
        await ours.StopAsync();
        using var store = ours.OpenStore();
        var latenesses = store.LatenessesWithout(hole.Url, from, until);
        return latenesses.Length == 0
            ? throw new CannotRunException("No check of a healthy target was stored.")
            : latenesses[(int)Math.Ceiling(latenesses.Length * 0.99) - 1];
    }
}
