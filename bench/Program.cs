using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using HealthTrack.Bench;
using HealthTrack.Bench.Benches;
using HealthTrack.Bench.Measuring;
using HealthTrack.Bench.Micro;
using HealthTrack.Bench.Processes;

IBench[] benches =
[
    new WindowBench(), new ProbeHttpBench(), new SchedLagBench(), new IngestPgBench(), new Converge1000Bench(), new StatusWritesBench(), new FailoverBench(),
    new ColdStartBench(), new RssBench(), new StallIsolationBench(),
];

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
// Whatever ends the run, the programs that it started end with it.
PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
var registrations = signals.Select(signal => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true;
    stop.Cancel();
})).ToArray();
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
catch (CannotRunException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    foreach (var registration in registrations)
        registration.Dispose();
}
