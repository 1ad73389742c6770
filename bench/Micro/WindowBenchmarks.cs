using BenchmarkDotNet.Attributes;
using HealthTrack.Bench.Benches;

namespace HealthTrack.Bench.Micro;

public class WindowBenchmarks
{
    private WindowLoad _load = null!;

    [Params(360, 3600)]
    public int Samples { get; set; }

    [GlobalSetup]
    public void Fill() => _load = new WindowLoad(Samples, seed: 1);

    [Benchmark]
    public void Record() => _load.Record();

    [Benchmark]
    public double Summarize() => _load.Summarize();
}
