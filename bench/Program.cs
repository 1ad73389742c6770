using BenchmarkDotNet.Running;
using HealthTrack.Bench;
using HealthTrack.Bench.Benches;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Micro;

IBench[] benches = [new WindowBench()];

if (args is ["micro", .. var rest])
{
    // Without arguments it would ask which ones to run.
    BenchmarkSwitcher.FromAssembly(typeof(InProcessConfig).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest, new InProcessConfig());
    return 0;
}

var bench = benches.FirstOrDefault(b => b.Name == args.FirstOrDefault());
if (bench is null || args[1..] is not ([] or ["--quick"]))
{
    Console.Error.WriteLine($"Usage: bench/run.sh {string.Join('|', benches.Select(b => b.Name))} [--quick], or bench/run.sh micro [ARGS].");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
try
{
    var report = await bench.RunAsync(new BenchRun(quick: args.Length > 1, Console.Out, stop.Token));
    report.WriteTo(Console.Out, bench.Name);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
