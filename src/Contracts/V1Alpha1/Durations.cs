using System.Buffers;
using System.Globalization;
using System.Text;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// The durations of manifests: Go's <c>time.ParseDuration</c> without a sign (<c>300ms</c>, <c>1m30s</c>, <c>1.5h</c>, <c>0</c>) plus <c>d</c>
/// for 24 hours. The resolution is 100 ns, smaller parts are cut off.
/// </summary>
public static class Durations
{
    // Longest unit first in Format; "d" is written for whole days only, so that 36h does not become 1d12h.
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text as in a manifest.</param>
    /// <param name="duration">The duration where the text is one, not negative.</param>
    /// <returns>False where the text is no such duration, is negative, or is longer than a <see cref="TimeSpan"/> holds.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
            return false;
        if (text == "0")
            return true;
        var ticks = 0m;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            // decimal holds 28 digits: a longer number is refused rather than rounded.
            if (digits is <= 0 or > 28
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits);
            var unit = TicksOf(letters < 0 ? rest : rest[..letters]);
            if (unit == 0 || number > long.MaxValue)
                return false;
            ticks += number * unit;
            if (ticks > long.MaxValue)
                return false;
            rest = letters < 0 ? [] : rest[letters..];
        }
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Reads a duration that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var duration) ? duration : throw new FormatException($"'{text}' is not a duration such as 30s, 1m30s or 7d.");

    /// <summary>
    /// The shortest text in whole units that <see cref="TryParse"/> reads as the same duration: <c>1m30s</c>, <c>36h</c>, <c>7d</c>, <c>0s</c>.
    /// </summary>
    /// <param name="duration">Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        if (duration == TimeSpan.Zero)
            return "0s";
        if (duration.Ticks % TimeSpan.TicksPerDay == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TimeSpan.TicksPerDay}d");
        var text = new StringBuilder();
        var left = duration.Ticks;
        foreach (var (unit, ticks) in Units)
        {
            if (left >= ticks)
                text.Append(CultureInfo.InvariantCulture, $"{left / ticks}{unit}");
            left %= ticks;
        }
        if (left > 0)
            text.Append(CultureInfo.InvariantCulture, $"{left * TimeSpan.NanosecondsPerTick}ns");
        return text.ToString();
    }

    private static decimal TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "d" => TimeSpan.TicksPerDay,
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        // Go reads the micro sign (U+00B5) and the Greek letter mu (U+03BC); the schema has the first.
        "us" or "\u00b5s" or "\u03bcs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 1m / TimeSpan.NanosecondsPerTick,
        _ => 0,
    };
}
