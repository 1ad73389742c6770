using HealthTrack.Bench.Measuring;

namespace HealthTrack.Bench;

/// <summary>One bench of the design's section 10: ours beside a peer or a limit, in one run on one machine.</summary>
internal interface IBench
{
    /// <summary>As on the command line: <c>probe-http</c>.</summary>
    string Name { get; }

    /// <summary>Measures. What it starts it also stops, on failure and cancellation too.</summary>
    Task<BenchReport> RunAsync(BenchRun run);
}
