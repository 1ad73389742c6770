using HealthTrack.Probe.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe.Admin;

/// <summary>
/// How loaded the worker is, for an autoscaler: the larger of the share of its processors that it uses and of the checks that it may have running at
/// once; 1 is all of it. Smoothed over about 20 s: a value that jumps makes a pool that flaps.
/// </summary>
internal sealed class LoadMeter(CheckScheduler scheduler, IOptions<ProbeOptions> options, TimeProvider time) : BackgroundService
{
    private const double Weight = 0.25;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private double _load;

    /// <summary>The load, from 0; 1 is full.</summary>
    public double Load => Volatile.Read(ref _load);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        var (used, at) = (Environment.CpuUsage.TotalTime, time.GetTimestamp());
        var first = true;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var (usedNow, now) = (Environment.CpuUsage.TotalTime, time.GetTimestamp());
            var processors = (usedNow - used) / time.GetElapsedTime(at, now) / Environment.ProcessorCount;
            var load = Math.Max(processors, (double)scheduler.InFlight / options.Value.MaxInFlight);
            Volatile.Write(ref _load, first ? load : _load + Weight * (load - _load));
            (used, at, first) = (usedNow, now, false);
        }
    }
}
