using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// Memory of a monitor: the real program with 10 000 monitors at 10 s whose windows of an hour are full, from the store, and an SLO each, beside the same program
/// without monitors.
/// </summary>
internal sealed class RssBench : IBench
{
    private const int Monitors = 10_000;
    private const double Goal = 12;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public string Name => "rss-10k";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        var full = BenchFleet.Make(work, "full", Monitors, Interval, _ => target.Url, "  window: 1h\n  slo: {objective: \"99.9\"}");
        var none = BenchFleet.Make(work, "none", 0, Interval, _ => target.Url);
        run.Say("seeding an hour of checks");
        var checks = await full.SeedAsync(TimeSpan.FromHours(1), stop);
        await using var empty = HealthTrackProcess.Start(none);
        await empty.WaitUntilRunningAsync(stop);
        await using var ours = HealthTrackProcess.Start(full);
        await ours.WaitUntilRunningAsync(stop);
        await ours.WaitUntilRebuiltAsync(checks * 9 / 10, TimeSpan.FromSeconds(120), stop);
        var samples = new List<Figures>();
        for (var i = 0; i < (run.Quick ? 4 : 12); i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), stop);
            samples.Add(new Figures(("ours", ours.ResidentKiB), ("empty", empty.ResidentKiB)));
            run.Say($"{samples[^1]}");
        }
        var figures = Figures.Median(samples);
        var each = (figures["ours"] - figures["empty"]) / Monitors;
        return new BenchReport
        {
            Unit = "KiB/monitor",
            Ours = each,
            Goal = Goal,
            Extra = [("ours_kib", figures["ours"]), ("empty_kib", figures["empty"])],
            Table =
            [
                [$"{Monitors} monitors, {checks} checks in each window", "KiB", "goal"],
                ["with them", Figures.Number(figures["ours"]), "-"],
                ["without", Figures.Number(figures["empty"]), "-"],
                ["a monitor", Figures.Number(each), Figures.Number(Goal)],
            ],
        };
    }
}
