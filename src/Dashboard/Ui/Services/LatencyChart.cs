using System.Globalization;
using System.Text;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Ui.Services;

/// <summary>The lines of a latency chart on a plane of 1000 by 200, stretched by the page: the texts of its axes stand beside it.</summary>
internal sealed class LatencyChart
{
    /// <summary>Width of the plane.</summary>
    public const double Width = 1000;

    /// <summary>Height of the plane.</summary>
    public const double Height = 200;

    private const int MostLines = 5;

    private readonly IReadOnlyList<HistoryRow> _buckets;

    public LatencyChart(IReadOnlyList<HistoryRow> buckets)
    {
        _buckets = buckets;
        var highest = buckets.Max(b => b.P99ResponseTimeMs ?? 0);
        Step = NiceStep(highest / MostLines);
        Top = Step * Math.Max(1, Math.Ceiling(highest / Step));
    }

    /// <summary>The latency at the upper edge, ms.</summary>
    public double Top { get; }

    /// <summary>Between two lines of the grid, ms.</summary>
    public double Step { get; }

    /// <summary>Whether there is a latency at all.</summary>
    public bool Any => _buckets.Any(b => b.LatencyCount > 0);

    /// <summary>The lines of the grid from the bottom up: the latency, ms, and its height on the plane.</summary>
    public IEnumerable<(double Ms, double Y)> Grid => Enumerable.Range(0, (int)Math.Round(Top / Step) + 1).Select(i => (i * Step, Y(i * Step)));

    /// <summary>An SVG path through a percentile of all buckets, broken where one has none; a bucket between two gaps is a dash of half its width.</summary>
    public string Line(Func<HistoryRow, double?> percentile)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _buckets.Count; i++)
        {
            if (percentile(_buckets[i]) is not { } ms)
                continue;
            var begins = i == 0 || percentile(_buckets[i - 1]) is null;
            var ends = i == _buckets.Count - 1 || percentile(_buckets[i + 1]) is null;
            var wide = Width / _buckets.Count;
            if (begins && ends)
                path.Append(CultureInfo.InvariantCulture, $"M{X(i) - wide / 4:0.#} {Y(ms):0.#}h{wide / 2:0.#}");
            else
                path.Append(CultureInfo.InvariantCulture, $"{(begins ? 'M' : 'L')}{X(i):0.#} {Y(ms):0.#}");
        }
        return path.ToString();
    }

    /// <summary>The middle of a bucket.</summary>
    public double X(int bucket) => (bucket + 0.5) * Width / _buckets.Count;

    private double Y(double ms) => Height - (ms / Top * Height);

    // 1, 2 or 5 times a power of ten, at least 1 ms.
    private static double NiceStep(double least)
    {
        if (least <= 1)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * (least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}
