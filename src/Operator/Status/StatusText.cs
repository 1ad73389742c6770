using System.Globalization;

namespace HealthTrack.Operator.Status;

/// <summary>Writes numbers as a status holds them: integers, or texts of so many places. Nothing that is not perfect reads as if it were.</summary>
internal static class StatusText
{
    /// <summary>Milliseconds, whole.</summary>
    public static long? Millis(double? value) => value is { } ms ? (long)Math.Round(ms, MidpointRounding.AwayFromZero) : null;

    /// <summary>Percent, two places: 99.999 is 99.99, for one bad check is not none, and 0.001 is 0.01.</summary>
    public static string? Percent(double? value) => value switch
    {
        null => null,
        > 99.99 and < 100 => "99.99",
        > 0 and < 0.01 => "0.01",
        { } percent => percent.ToString("F2", CultureInfo.InvariantCulture),
    };

    /// <summary>A score from 0 to 1, two places; the ends are for scores that are there.</summary>
    public static string? Score(double? value) => value switch
    {
        null => null,
        > 0.99 and < 1 => "0.99",
        > 0 and < 0.01 => "0.01",
        { } score => score.ToString("F2", CultureInfo.InvariantCulture),
    };

    /// <summary>A rate, with so many places.</summary>
    public static string? Rate(double? value, int places) =>
        value?.ToString(string.Create(CultureInfo.InvariantCulture, $"F{places}"), CultureInfo.InvariantCulture);

    /// <summary>A text that fits the schema's bound: one that is longer would keep the whole status from being written.</summary>
    public static string? Fit(string? text, int most) =>
        text is null || text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1), "…");
}
