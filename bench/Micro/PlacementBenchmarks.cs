using BenchmarkDotNet.Attributes;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Bench.Micro;

public class PlacementBenchmarks
{
    private const string Uid = "0b6e6a4e-9d0c-4a53-8f6e-2b1d3c4e5f60";
    private readonly MonitorKey _key = new("default", "github-api");

    [Benchmark]
    public long Phase() => DueTimes.Phase(Uid, "default", 10_000);

    [Benchmark]
    public string UidOfAName() => MonitorUid.For(_key);
}
