using System.Text.Json;

namespace HealthTrack.Bench.Measuring;

/// <summary>What a bench found: one JSON object for machines, a table for people.</summary>
internal sealed record BenchReport
{
    /// <summary>Of <see cref="Ours"/> and <see cref="Peer"/>: <c>us CPU/check</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Our figure; the first in bold where the design's row has two.</summary>
    public required double Ours { get; init; }

    /// <summary>The peer's figure; null where ours is held against a limit alone.</summary>
    public double? Peer { get; init; }

    /// <summary>The bound of <see cref="Ours"/>, or of the ratio where <see cref="GoalIsRatio"/>.</summary>
    public required double Goal { get; init; }

    /// <summary>Whether the goal bounds ours / peer, and not ours alone.</summary>
    public bool GoalIsRatio { get; init; }

    /// <summary>Whether more is better: a rate, not a cost.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>Further figures with goals of their own, upper bounds all: they must hold too for the bench to be met.</summary>
    public IReadOnlyList<FurtherGoal> Further { get; init; } = [];

    /// <summary>Further figures without a goal, for the JSON object.</summary>
    public IReadOnlyList<(string Key, double Value)> Extra { get; init; } = [];

    /// <summary>The rows of the table, the heading first.</summary>
    public required IReadOnlyList<string[]> Table { get; init; }

    /// <summary>Ours / peer.</summary>
    public double? Ratio => Ours / Peer;

    /// <summary>Whether every goal holds.</summary>
    public bool Met
    {
        get
        {
            var figure = GoalIsRatio ? Ratio ?? throw new InvalidOperationException("A ratio needs a peer.") : Ours;
            return (HigherIsBetter ? figure >= Goal : figure <= Goal) && Further.All(f => f.Value <= f.Goal);
        }
    }

    /// <summary>Writes the table and, as the last line, the JSON object.</summary>
    public void WriteTo(TextWriter output, string bench)
    {
        output.WriteLine();
        var widths = Enumerable.Range(0, Table[0].Length).Select(c => Table.Max(row => row[c].Length)).ToArray();
        foreach (var row in Table)
            output.WriteLine(string.Join("  ", row.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).TrimEnd());
        output.WriteLine();

        var json = new Dictionary<string, object?>
        {
            ["bench"] = bench,
            ["unit"] = Unit,
            ["ours"] = Figures.Round(Ours),
            ["peer"] = Peer is { } peer ? Figures.Round(peer) : null,
            ["ratio"] = Ratio is { } ratio ? Figures.Round(ratio) : null,
            ["goal"] = Goal,
            ["met"] = Met,
        };
        foreach (var (key, value, goal) in Further)
        {
            json[key] = Figures.Round(value);
            json[GoalKey(key)] = goal;
        }
        foreach (var (key, value) in Extra)
            json[key] = Figures.Round(value);
        output.WriteLine(JsonSerializer.Serialize(json));
    }

    // summary_us has its bound in summary_goal_us: the unit stays at the end.
    private static string GoalKey(string key) => key.LastIndexOf('_') is var at and > 0 ? $"{key[..at]}_goal{key[at..]}" : $"{key}_goal";
}

/// <summary>A second figure of a bench with an upper bound.</summary>
/// <param name="Key">As in the JSON object, with its unit: <c>summary_us</c>.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Goal">The bound.</param>
internal sealed record FurtherGoal(string Key, double Value, double Goal);
