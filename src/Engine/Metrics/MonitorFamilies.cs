using System.Text;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Metrics;

/// <summary>
/// The families of series that every monitor has, at most 30 series a monitor: 4 outcomes, 10 of the histogram, 1 info, 5 healths, and 10 numbers.
/// A number without samples has no series.
/// </summary>
internal static class MonitorFamilies
{
    private static readonly byte[][] Statuses = [.. new[] { "ok", "warn", "error", "down" }.Select(s => Label("status", s))];
    private static readonly (Health Health, byte[] Label)[] States = [.. Enum.GetValues<Health>().Select(h => (h, Label("state", h.ToString())))];
    private static readonly byte[][] Buckets = BucketLabels();

    /// <summary>One family: its head, and what it writes of one monitor.</summary>
    internal delegate void SampleWriter(ref PrometheusText text, in MonitorReading reading);

    /// <summary>A family.</summary>
    internal sealed record Family(string Name, string Type, string Help, SampleWriter Write)
    {
        public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(Name);

        public byte[] TypeBytes { get; } = Encoding.UTF8.GetBytes(Type);

        public byte[] HelpBytes { get; } = Encoding.UTF8.GetBytes(Help);
    }

    /// <summary>All of them, in the order of the text.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        new("healthtrack_monitor_info", "gauge", "What is monitored; always 1.", Info),
        new("healthtrack_health", "gauge", "1 for the health that the monitor is in, 0 for the others.", HealthStates),
        new("health_checks_total", "counter", "Checks made since the process started, by outcome.", Checks),
        new("health_check_response_time_seconds", "histogram", "Response times of the checks that say something of the target's speed, since the process started.", Histogram),
        new("healthtrack_latency_seconds", "summary", "Percentiles of the latency over the monitor's window, nearest rank.", Quantiles),
        Number("healthtrack_latency_average_seconds", "Mean latency over the monitor's window.", at => at.Window.AverageLatencyMs / 1000),
        Number("healthtrack_apdex_score", "Apdex over the monitor's window, 0 to 1.", at => at.Window.Apdex),
        Number("healthtrack_error_ratio", "Bad checks of the monitor's window, 0 to 1.", at => at.Window.ErrorRatePercent / 100),
        Number("healthtrack_uptime_ratio", "Good checks of the last 24 h, 0 to 1.", at => at.UptimePercent / 100),
        Number("healthtrack_request_rate_per_minute", "Checks a minute over the monitor's window.", at => at.Window.RequestsPerMinute),
        Number("healthtrack_throughput_per_second", "Checks a second over the monitor's window.", at => at.Window.ThroughputPerSecond),
        Number("healthtrack_certificate_expiry_timestamp_seconds", "When the certificate that the target showed last ends, since the Unix epoch.",
            at => at.Certificate?.NotAfter.ToUnixTimeSeconds()),
    ];

    private static void Info(ref PrometheusText text, in MonitorReading reading) =>
        text.Sample("healthtrack_monitor_info"u8, reading.Labels.Series, reading.Labels.More, 1);

    private static void HealthStates(ref PrometheusText text, in MonitorReading reading)
    {
        foreach (var (health, label) in States)
            text.Sample("healthtrack_health"u8, reading.Labels.Series, label, reading.At.Verdict.Health == health ? 1 : 0);
    }

    private static void Checks(ref PrometheusText text, in MonitorReading reading)
    {
        for (var outcome = (int)Outcome.Ok; outcome <= (int)Outcome.Down; outcome++)
            text.Sample("health_checks_total"u8, reading.Labels.Series, Statuses[outcome], reading.At.Counters.Outcomes[outcome]);
    }

    private static void Histogram(ref PrometheusText text, in MonitorReading reading)
    {
        var counters = reading.At.Counters;
        var total = 0L;
        for (var i = 0; i < counters.Buckets.Length; i++)
        {
            total += counters.Buckets[i];
            text.Sample("health_check_response_time_seconds_bucket"u8, reading.Labels.Series, Buckets[i], total);
        }
        text.Sample("health_check_response_time_seconds_sum"u8, reading.Labels.Series, default, counters.LatencySeconds);
        text.Sample("health_check_response_time_seconds_count"u8, reading.Labels.Series, default, total);
    }

    private static void Quantiles(ref PrometheusText text, in MonitorReading reading)
    {
        var window = reading.At.Window;
        if (window.LatencySamples == 0)
            return;
        text.Sample("healthtrack_latency_seconds"u8, reading.Labels.Series, ",quantile=\"0.5\""u8, window.P50LatencyMs!.Value / 1000);
        text.Sample("healthtrack_latency_seconds"u8, reading.Labels.Series, ",quantile=\"0.95\""u8, window.P95LatencyMs!.Value / 1000);
        text.Sample("healthtrack_latency_seconds"u8, reading.Labels.Series, ",quantile=\"0.99\""u8, window.P99LatencyMs!.Value / 1000);
    }

    private static Family Number(string name, string help, Func<MonitorSnapshot, double?> value)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return new Family(name, "gauge", help, (ref PrometheusText text, in MonitorReading reading) =>
        {
            if (value(reading.At) is { } number)
                text.Sample(bytes, reading.Labels.Series, default, number);
        });
    }

    private static byte[] Label(string name, string value) => Encoding.UTF8.GetBytes($",{name}=\"{value}\"");

    private static byte[][] BucketLabels()
    {
        var labels = new List<byte[]>();
        foreach (var bound in CheckCounters.BucketBounds)
            labels.Add(Label("le", bound.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        labels.Add(Label("le", "+Inf"));
        return [.. labels];
    }
}
