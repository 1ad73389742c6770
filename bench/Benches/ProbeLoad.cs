using System.Diagnostics;

namespace HealthTrack.Bench.Benches;

/// <summary>Asks for probes at a steady rate, whatever their answers take.</summary>
internal sealed class ProbeLoad(int perSecond, Func<CancellationToken, Task<bool>> probe)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks for a while and waits for the last answers.</summary>
    /// <returns>Probes made, and those of them that were good.</returns>
    public async Task<(int All, int Good)> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var asked = new List<Task<bool>>();
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Tick);
        while (clock.Elapsed < length)
        {
            var due = (int)(Math.Min(clock.Elapsed.TotalSeconds, length.TotalSeconds) * perSecond);
            while (asked.Count < due)
                asked.Add(probe(cancellationToken));
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        var answers = await Task.WhenAll(asked);
        return (answers.Length, answers.Count(good => good));
    }
}
