using System.Numerics;

namespace HealthTrack.Probe.Scheduling;

/// <summary>
/// Counts latenesses in bins a quarter of a power of two wide, in microseconds: two instructions and an interlocked add for a check, and a
/// percentile that is at most 25 % too high.
/// </summary>
internal sealed class LagHistogram
{
    private const int Parts = 4;
    private readonly int[] _counts = new int[64 * Parts];

    public void Record(long micros) => Interlocked.Increment(ref _counts[Bin(Math.Max(0, micros))]);

    /// <summary>The 99th percentile, nearest rank, in ms (the upper edge of its bin), of what was recorded since it was last taken; 0 for nothing.</summary>
    public double TakeP99()
    {
        var taken = new int[_counts.Length];
        long all = 0;
        for (var i = 0; i < _counts.Length; i++)
            all += taken[i] = Interlocked.Exchange(ref _counts[i], 0);
        if (all == 0)
            return 0;
        var rank = (long)Math.Ceiling(all * 0.99);
        for (var i = 0; i < taken.Length; i++)
            if ((rank -= taken[i]) <= 0)
                return UpperEdge(i) / 1000.0;
        return UpperEdge(taken.Length - 1) / 1000.0;
    }

    internal static int Bin(long micros)
    {
        if (micros < Parts)
            return (int)micros;
        var power = BitOperations.Log2((ulong)micros);
        return (power - 1) * Parts + (int)((micros >> (power - 2)) & (Parts - 1));
    }

    internal static double UpperEdge(int bin)
    {
        if (bin < Parts)
            return bin;
        var power = bin / Parts + 1;
        return Math.ScaleB(Parts + bin % Parts + 1, power - 2) - 1;
    }
}
