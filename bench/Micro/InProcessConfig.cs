using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace HealthTrack.Bench.Micro;

/// <summary>Micro benchmarks run in this process: no project is generated and restored for each.</summary>
internal sealed class InProcessConfig : ManualConfig
{
    public InProcessConfig()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.ShortRun.WithToolchain(new InProcessEmitToolchain(logOutput: false)));
        AddDiagnoser(MemoryDiagnoser.Default);
    }
}
