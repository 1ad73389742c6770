using System.Globalization;

namespace HealthTrack.Bench.Measuring;

/// <summary>What one round measured: figures by name, each in the unit that its name says.</summary>
internal sealed record Figures(params (string Name, double Value)[] All)
{
    /// <summary>The figure of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public double this[string name] =>
        All.Where(f => f.Name == name).Select(f => (double?)f.Value).FirstOrDefault()
        ?? throw new KeyNotFoundException($"No figure is called {name}; there are {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>The median of each figure over rounds that all have the same ones.</summary>
    public static Figures Median(IReadOnlyList<Figures> rounds) =>
        new([.. rounds[0].All.Select(f => (f.Name, MedianOf([.. rounds.Select(r => r[f.Name])])))]);

    /// <summary><c>name value</c>, separated by blanks.</summary>
    public override string ToString() => string.Join(' ', All.Select(f => $"{f.Name} {Number(f.Value)}"));

    /// <summary>Four significant digits, no exponent.</summary>
    public static string Number(double value) => ((decimal)Round(value)).ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>Four significant digits: the fifth is noise.</summary>
    public static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value))
            return 0;
        var scale = Math.Pow(10, 3 - Math.Floor(Math.Log10(Math.Abs(value))));
        return Math.Round(value * scale) / scale;
    }

    private static double MedianOf(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
