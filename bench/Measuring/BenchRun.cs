using System.Diagnostics;

namespace HealthTrack.Bench.Measuring;

/// <summary>One run of a bench: how long it may take, where it may talk, and the rounds that all benches share.</summary>
internal sealed class BenchRun(bool quick, TextWriter output, CancellationToken cancellationToken)
{
    /// <summary>Whether the run must stay under a minute.</summary>
    public bool Quick => quick;

    /// <summary>Cancelled when the user stops the run.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>How often each contestant is measured; the median is what counts.</summary>
    public int Rounds => quick ? 5 : 9;

    /// <summary>All contestants are run unmeasured for this long together: the JIT and the caches get warm.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one measurement should take.</summary>
    public TimeSpan RoundLength => quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromSeconds(1);

    /// <summary>The wall clock, ms since the Unix epoch: what the rows of a store are found by. Durations come from <see cref="Stopwatch"/>.</summary>
    public static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Says what is going on; not part of the result.</summary>
    public void Say(string what) => output.WriteLine(what);

    /// <summary>
    /// Warms up, then measures the contestants in turn, A B A B, so that what else the machine does hits all of them alike.
    /// </summary>
    /// <returns>For each contestant in order the median of each of its figures.</returns>
    public async Task<IReadOnlyList<Figures>> MeasureAsync(params Contestant[] contestants)
    {
        var warm = Stopwatch.StartNew();
        do
        {
            foreach (var contestant in contestants)
                await contestant.MeasureAsync(cancellationToken);
        }
        while (warm.Elapsed < WarmUp);

        var rounds = contestants.Select(_ => new List<Figures>()).ToArray();
        for (var round = 1; round <= Rounds; round++)
        {
            for (var i = 0; i < contestants.Length; i++)
                rounds[i].Add(await contestants[i].MeasureAsync(cancellationToken));
            Say($"round {round} of {Rounds}: " + string.Join(", ", contestants.Select((c, i) => $"{c.Name} {rounds[i][^1]}")));
        }
        return [.. rounds.Select(Figures.Median)];
    }
}

/// <summary>One side of a comparison.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="MeasureAsync">Does its work once, for about a round's length, and says what that cost. Called for the warm-up too.</param>
internal sealed record Contestant(string Name, Func<CancellationToken, Task<Figures>> MeasureAsync);
