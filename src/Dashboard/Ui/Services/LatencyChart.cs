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

    /// <summary>An SVG path through a percentile of all buckets, broken where one has none; a bucket between two gaps is a dot.</summary>
    public string Line(Func<HistoryRow, double?> percentile)
    {
        var path = new StringBuilder();
        var pen = false;
        for (var i = 0; i < _buckets.Count; i++)
        {
            if (percentile(_buckets[i]) is not { } ms)
            {
                pen = false;
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{X(i):0.#} {Y(ms):0.#}");
            if (!pen)
                path.Append("h0");
            pen = true;
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
