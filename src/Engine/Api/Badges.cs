using System.Globalization;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>Pictures for a README: they need no credential and tell nothing but their number.</summary>
internal static class Badges
{
    // Verdana at 11 px is about this wide a character; textLength makes the text fit exactly wherever another font stands in.
    private const int CharacterWidth = 7;
    private const int Padding = 10;
    private const string Label = "uptime 24h";

    /// <summary>The uptime of the last 24 h.</summary>
    public static ContentHttpResult Uptime(long id, HttpContext context, Fleet fleet, TimeProvider time)
    {
        var at = fleet.Existing(id).Snapshot(time.GetUtcNow().ToUnixTimeMilliseconds());
        // Rounded down: 99.996 % is not 100.
        var value = at.UptimePercent is { } percent
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(percent * 100) / 100:0.##}%")
            : "unknown";
        var thresholds = at.Monitor?.Spec.Thresholds ?? MetricThresholds.Default;
        context.Response.Headers.CacheControl = "no-cache, max-age=0";
        return TypedResults.Text(Svg(value, Colour(MetricLevels.OfLow(at.UptimePercent, thresholds.Uptime))), "image/svg+xml; charset=utf-8");
    }

    private static string Colour(MetricLevel level) => level switch
    {
        MetricLevel.Good => "#2e7d32",
        MetricLevel.Warning => "#9a6700",
        MetricLevel.Critical => "#c62828",
        _ => "#6e7781",
    };

    private static string Svg(string value, string colour)
    {
        var left = Label.Length * CharacterWidth + Padding;
        var right = value.Length * CharacterWidth + Padding;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{Label}: {value}">
              <title>{Label}: {value}</title>
              <rect width="{left}" height="20" fill="#444c56"/>
              <rect x="{left}" width="{right}" height="20" fill="{colour}"/>
              <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
                <text x="{left / 2}" y="14" textLength="{left - Padding}">{Label}</text>
                <text x="{left + right / 2}" y="14" textLength="{right - Padding}">{value}</text>
              </g>
            </svg>

            """);
    }
}
