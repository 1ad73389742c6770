using System.Runtime;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Gives back, once, what a start with thousands of monitors needed and nobody needs any more: what their histories were read into and the events that told of them are as
/// much again as the fleet, in a heap that grew with them and would keep that for minutes. The collection stops the process for some ten ms for a thousand monitors.
/// </summary>
internal sealed class FirstCompaction(IntakeProgress progress, Fleet fleet, TimeProvider time) : BackgroundService
{
    // Fewer make no heap that is worth stopping for.
    private const int LeastMonitors = 500;

    // By then the workers have their assignments, and who watches the stream has read it.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await progress.FirstSync.WaitAsync(stoppingToken);
        await Task.Delay(After, time, stoppingToken);
        if (fleet.Count < LeastMonitors)
            return;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
