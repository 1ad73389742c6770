using System.Diagnostics;
using HdrHistogram;
using HealthTrack.Bench.Measuring;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// One result into all windows of a monitor, and a whole summary of it, beside HdrHistogram. The peer has the easier part: it takes values
/// in and never lets one go, knows no outcomes, and is exact to three digits. Costs are CPU time: nothing here waits, and the wall clock would
/// count whoever else uses the cores.
/// </summary>
internal sealed class WindowBench : IBench
{
    private const double RecordGoalNs = 500;
    private const double SummaryGoalUs = 5;

    // So many monitors' windows do not fit into the caches: what a record costs when every result is another monitor's.
    private const int Fleet = 400;

    private double _sink;

    /// <inheritdoc/>
    public string Name => "window";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        var figures = await run.MeasureAsync(
            Ours(run, "ours-3600", samples: 3600, monitors: 1),
            Peer(run),
            Ours(run, "ours-360", samples: 360, monitors: 1),
            Ours(run, "ours-3600-cold", samples: 3600, Fleet));
        var (full, peer, sparse, cold) = (figures[0], figures[1], figures[2], figures[3]);
        if (double.IsNaN(_sink))
            throw new InvalidOperationException("The work was not done.");

        return new BenchReport
        {
            Unit = "ns CPU/record",
            Ours = full["record_cpu_ns"],
            Peer = peer["record_cpu_ns"],
            Goal = RecordGoalNs,
            Further = [new FurtherGoal("summary_us", full["summary_cpu_ns"] / 1000, SummaryGoalUs)],
            Extra =
            [
                ("summary_peer_us", peer["summary_cpu_ns"] / 1000),
                ("record_wall_ns", full["record_ns"]),
                ("record_360_ns", sparse["record_cpu_ns"]),
                ("summary_360_us", sparse["summary_cpu_ns"] / 1000),
                ("record_cold_ns", cold["record_cpu_ns"]),
                ("summary_cold_us", cold["summary_cpu_ns"] / 1000),
            ],
            Table =
            [
                ["window 1h, CPU, medians", "samples", "ours", "HdrHistogram", "ratio", "goal", "ours, wall"],
                Row("record, ns", "3600", "record", 1, full, peer, RecordGoalNs),
                Row("record, ns", "360", "record", 1, sparse, peer, RecordGoalNs),
                Row($"record, ns, {Fleet} monitors in turn", "3600", "record", 1, cold, peer, null),
                Row("summary, us", "3600", "summary", 1000, full, peer, SummaryGoalUs),
                Row("summary, us", "360", "summary", 1000, sparse, peer, SummaryGoalUs),
                Row($"summary, us, {Fleet} monitors in turn", "3600", "summary", 1000, cold, peer, null),
            ],
        };
    }

    private Contestant Ours(BenchRun run, string name, int samples, int monitors)
    {
        var loads = Enumerable.Range(0, monitors).Select(seed => new WindowLoad(samples, seed)).ToArray();
        var next = 0;
        return Rounds(
            run,
            name,
            record: () =>
            {
                loads[next].Record();
                next = next + 1 == loads.Length ? 0 : next + 1;
            },
            summarize: () =>
            {
                _sink += loads[next].Summarize();
                next = next + 1 == loads.Length ? 0 : next + 1;
            });
    }

    private Contestant Peer(BenchRun run)
    {
        var latencies = WindowLoad.Latencies(seed: 0);
        var histogram = new LongHistogram(highestTrackableValue: uint.MaxValue, numberOfSignificantValueDigits: 3);
        var next = 0;
        return Rounds(
            run,
            "HdrHistogram",
            record: () => histogram.RecordValue(latencies[next++ & (latencies.Length - 1)]),
            summarize: () => _sink += histogram.GetMean()
                + histogram.GetValueAtPercentile(50) + histogram.GetValueAtPercentile(95) + histogram.GetValueAtPercentile(99));
    }

    private static Contestant Rounds(BenchRun run, string name, Action record, Action summarize) =>
        new(name, cancellationToken =>
        {
            var (recordNs, recordCpu) = Cost(record, run.RoundLength, cancellationToken);
            var (summaryNs, summaryCpu) = Cost(summarize, run.RoundLength, cancellationToken);
            return Task.FromResult(new Figures(
                ("record_ns", recordNs), ("record_cpu_ns", recordCpu), ("summary_ns", summaryNs), ("summary_cpu_ns", summaryCpu)));
        });

    // Wall clock and CPU of one operation, ns. The call through the delegate, 1 to 2 ns, is in both sides' figures.
    private static (double WallNs, double CpuNs) Cost(Action operation, TimeSpan length, CancellationToken cancellationToken)
    {
        const int Batch = 1000;
        cancellationToken.ThrowIfCancellationRequested();
        var operations = 0L;
        var cpu = ProcessCpu.OwnSeconds();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < length)
        {
            for (var i = 0; i < Batch; i++)
                operation();
            operations += Batch;
        }
        return (clock.Elapsed.TotalNanoseconds / operations, (ProcessCpu.OwnSeconds() - cpu) * 1e9 / operations);
    }

    private static string[] Row(string what, string samples, string figure, double unit, Figures ours, Figures peer, double? goal)
    {
        var (our, their) = (ours[figure + "_cpu_ns"] / unit, peer[figure + "_cpu_ns"] / unit);
        return
        [
            what, samples, Figures.Number(our), Figures.Number(their), Figures.Number(our / their),
            goal is { } g ? Figures.Number(g) : "-", Figures.Number(ours[figure + "_ns"] / unit),
        ];
    }
}
