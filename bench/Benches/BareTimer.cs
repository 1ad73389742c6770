using System.Diagnostics;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// The least lateness that a scheduler with a tick can have: due times spread evenly, each taken by the first tick of a bare timer at or after
/// it, and nothing else done.
/// </summary>
internal static class BareTimer
{
    /// <summary>Ticks for a while.</summary>
    /// <param name="tick">The timer's period; the scheduler's.</param>
    /// <param name="perSecond">Due times a second.</param>
    /// <param name="length">How long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Latenesses, ms, ascending.</returns>
    public static async Task<double[]> RunAsync(TimeSpan tick, int perSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var latenesses = new List<double>();
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(tick);
        for (var due = 0.0; clock.Elapsed < length;)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            for (var now = clock.Elapsed.TotalMilliseconds; due <= now; due += 1000.0 / perSecond)
                latenesses.Add(now - due);
        }
        latenesses.Sort();
        return [.. latenesses];
    }
}
