using System.Globalization;

namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>Numbers and times as people read them: a value, and its unit apart. Invariant culture, no trailing noise.</summary>
internal readonly record struct Figure(string Value, string Unit)
{
    /// <summary>What stands for a metric without samples.</summary>
    public static Figure None { get; } = new("–", "");

    /// <summary><c>182 ms</c>; below ten one decimal, from a minute on seconds.</summary>
    public static Figure Latency(double? ms) => ms switch
    {
        null => None,
        < 10 => new(Text(ms.Value, "0.0"), "ms"),
        < 60_000 => new(Text(ms.Value, "#,0"), "ms"),
        _ => new(Text(ms.Value / 1000, "#,0"), "s"),
    };

    /// <summary><c>0.97</c>, rounded down: 1.00 means that everybody was satisfied.</summary>
    public static Figure Apdex(double? score) => score is null ? None : new(Text(Floor(score.Value), "0.00"), "");

    /// <summary><c>0.42 %</c>, rounded up: 0 means none.</summary>
    public static Figure ErrorRate(double? percent) => percent is null ? None : new(Text(Math.Max(0, Math.Ceiling((percent.Value * 100) - Tolerance)) / 100, "0.##"), "%");

    /// <summary><c>99.95 %</c>, rounded down: 100 means always.</summary>
    public static Figure Uptime(double? percent) => percent is null ? None : new(Text(Floor(percent.Value), "0.##"), "%");

    /// <summary>A rate with three significant digits: <c>0.033 /s</c>.</summary>
    public static Figure Rate(double? rate, string unit) =>
        rate is null ? None : new(Text(rate.Value, rate switch { 0 => "0", < 0.1 => "0.000", < 1 => "0.00", < 100 => "0.0", _ => "#,0" }), unit);

    /// <summary>A count.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary><c>12 s ago</c>; <c>now</c> for less than two seconds and for what seems to lie ahead of a clock that goes slow.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now) => now - then < TimeSpan.FromSeconds(2) ? "now" : Span(now - then) + " ago";

    /// <summary>The largest whole unit: <c>12 s</c>, <c>3 min</c>, <c>2 h</c>, <c>4 d</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(int)span.TotalHours} h",
        _ => $"{(int)span.TotalDays} d",
    };

    /// <summary>For tooltips: <c>2026-05-04 12:03:11 UTC</c>.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For <c>datetime</c> attributes.</summary>
    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // Without it 0.29 * 100 = 28.999999999999996 would lose a hundredth.
    private const double Tolerance = 1e-9;

    private static double Floor(double value) => Math.Floor((value * 100) + Tolerance) / 100;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
