using System.Diagnostics;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Processes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// A start with 10 000 monitors and an hour of their past in the store: seconds from the start of the process to the first check at a target, and until the windows of
/// all are what they were.
/// </summary>
internal sealed class ColdStartBench : IBench
{
    private const double Goal = 2;
    private const double RebuiltGoal = 15;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public string Name => "cold-start";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var monitors = 10_000;
        var stop = run.CancellationToken;
        using var work = new WorkFolder();
        await using var target = await NginxTarget.StartAsync(work, stop);
        var fleet = BenchFleet.Make(work, "ours", monitors, Interval, _ => target.Url);
        run.Say("seeding an hour of checks");
        var checks = await fleet.SeedAsync(TimeSpan.FromHours(1), stop);
        // What a start finds was written long ago: the machine is not still at it.
        using (var sync = Process.Start("sync"))
            await sync.WaitForExitAsync(stop);
        var rounds = new List<Figures>();
        for (var round = 1; round <= (run.Quick ? 1 : 3); round++)
        {
            rounds.Add(await StartAsync(fleet, target, checks, stop));
            run.Say($"round {round}: {rounds[^1]}");
        }
        var figures = Figures.Median(rounds);
        return new BenchReport
        {
            Unit = "s",
            Ours = figures["first_check_s"],
            Goal = Goal,
            Further = [new("rebuilt_s", figures["rebuilt_s"], RebuiltGoal)],
            Extra = [("checks", (double)checks * monitors), ("cpu_s", figures["cpu_s"])],
            Table =
            [
                [$"{monitors} monitors, {checks} checks each in SQLite", "s", "goal"],
                ["to the first check at a target", Figures.Number(figures["first_check_s"]), Figures.Number(Goal)],
                ["until all windows are rebuilt", Figures.Number(figures["rebuilt_s"]), Figures.Number(RebuiltGoal)],
                ["CPU until then", Figures.Number(figures["cpu_s"]), "-"],
            ],
        };
    }

    private static async Task<Figures> StartAsync(BenchFleet fleet, NginxTarget target, int checks, CancellationToken stop)
    {
        var before = (await target.CountsAsync(stop)).Requests;
        var clock = Stopwatch.StartNew();
        await using var ours = HealthTrackProcess.Start(fleet);
        // Asking costs a request of another server of the same nginx: stub_status counts them all, so each look counts itself.
        var looks = 0;
        while ((await target.CountsAsync(stop)).Requests <= before + ++looks)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(120))
                throw new CannotRunException("No check was made within 120 s.");
            await Task.Delay(20, stop);
        }
        var first = clock.Elapsed.TotalSeconds;
        await ours.WaitUntilRunningAsync(stop);
        // A few of the oldest have left the window by now.
        await ours.WaitUntilRebuiltAsync(checks * 9 / 10, TimeSpan.FromSeconds(120), stop);
        return new Figures(("first_check_s", first), ("rebuilt_s", clock.Elapsed.TotalSeconds), ("cpu_s", ours.CpuSeconds));
    }
}
