using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Metrics;

/// <summary>One monitor during one scrape.</summary>
/// <param name="Labels">Its labels, escaped.</param>
/// <param name="At">Its values.</param>
internal readonly record struct MonitorReading(MonitorLabels Labels, MonitorSnapshot At);

/// <summary>The label sets of one monitor, as they stand in the text; made once and again only when its kind or target changed.</summary>
internal sealed class MonitorLabels
{
    // A label is no place for a novel: what is longer is cut.
    private const int MaxTarget = 256;

    private MonitorLabels(string? kind, string? target, byte[] series, byte[] more)
    {
        Kind = kind;
        Target = target;
        Series = series;
        More = more;
    }

    /// <summary><c>namespace="...",service="..."</c>.</summary>
    public byte[] Series { get; }

    /// <summary><c>,kind="...",target="..."</c>.</summary>
    public byte[] More { get; }

    private string? Kind { get; }

    private string? Target { get; }

    /// <summary>The labels of a monitor; <paramref name="before"/> where they still hold.</summary>
    public static MonitorLabels Of(MonitorSnapshot at, MonitorLabels? before)
    {
        var (kind, target) = (at.Monitor?.Spec.Check.Kind, at.Monitor?.Spec.Check.Target);
        if (before is not null && before.Kind == kind && before.Target == target)
            return before;
        var series = before?.Series
            ?? [.. "namespace=\""u8, .. PrometheusText.Escape(at.Key.Namespace), .. "\",service=\""u8, .. PrometheusText.Escape(at.Key.Name), .. "\""u8];
        return new MonitorLabels(kind, target, series,
        [
            .. ",kind=\""u8, .. PrometheusText.Escape(kind ?? ""), .. "\",target=\""u8, .. PrometheusText.Escape(Cut(target ?? "")), .. "\""u8,
        ]);
    }

    private static string Cut(string target)
    {
        if (target.Length <= MaxTarget)
            return target;
        // Never between the two halves of a surrogate pair.
        return char.IsHighSurrogate(target[MaxTarget - 1]) ? target[..(MaxTarget - 1)] : target[..MaxTarget];
    }
}
