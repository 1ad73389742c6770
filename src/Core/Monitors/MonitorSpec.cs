using HealthTrack.Core.Alerts;

namespace HealthTrack.Core.Monitors;

/// <summary>A validated spec with every default resolved: durations are positive and <see cref="Timeout"/> is less than <see cref="Interval"/>.</summary>
public sealed record MonitorSpec
{
    /// <summary>Time between the due times of two checks at one location, 1 s to 24 h.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>After this long a check is given up and counts as down.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>True: no checks are made and health is Suspended.</summary>
    public bool Suspend { get; init; }

    /// <summary>What is checked, and over which protocol.</summary>
    public required CheckSpec Check { get; init; }

    /// <summary>The locations that check; at least one.</summary>
    public IReadOnlyList<string> Pools { get; init; } = ["default"];

    /// <summary>How many locations must see a failure for it to count; 1 to the number of <see cref="Pools"/>.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>Consecutive error or down checks before health turns Unhealthy; at least 1.</summary>
    public int FailureThreshold { get; init; } = 1;

    /// <summary>Consecutive other checks before Unhealthy ends; at least 1.</summary>
    public int SuccessThreshold { get; init; } = 1;

    /// <summary>Length of the window behind the latency, Apdex, error rate and rate metrics; holds at most 3600 checks.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The Apdex threshold T: up to T a user is satisfied, up to 4T tolerating.</summary>
    public TimeSpan ApdexThreshold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where each metric turns yellow and red.</summary>
    public MetricThresholds Thresholds { get; init; } = MetricThresholds.Default;

    /// <summary>Who is told, and of what.</summary>
    public AlertPolicy Alerts { get; init; } = AlertPolicy.Default;

    /// <summary>The window that holds where the spec names none: an hour, or 20 intervals where those are longer.</summary>
    public static TimeSpan DefaultWindow(TimeSpan interval) =>
        interval * 20 > TimeSpan.FromHours(1) ? interval * 20 : TimeSpan.FromHours(1);

    /// <summary>The time limit that holds where the spec names none: 0.8 intervals, at most 10 s.</summary>
    public static TimeSpan DefaultTimeout(TimeSpan interval) =>
        interval * 0.8 < TimeSpan.FromSeconds(10) ? interval * 0.8 : TimeSpan.FromSeconds(10);
}

/// <summary>Who is told of a monitor's alerts, and of which.</summary>
public sealed record AlertPolicy
{
    /// <summary>The defaults of the ServiceMonitor schema.</summary>
    public static AlertPolicy Default { get; } = new();

    /// <summary>Names of channels, looked up in the monitor's namespace, then in the operator's; empty: those marked default.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>The signals that are told; all of them by default.</summary>
    public IReadOnlySet<AlertSignal> Signals { get; init; } = new HashSet<AlertSignal>(Enum.GetValues<AlertSignal>());

    /// <summary>How often an alert that goes on is told again.</summary>
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>A warning (yellow) and a critical (red) bound of one metric, in the metric's own unit.</summary>
/// <param name="Warning">Past this the metric is yellow.</param>
/// <param name="Critical">Past this it is red.</param>
public readonly record struct Threshold(double Warning, double Critical);

/// <summary>The bounds of the metrics that wear a colour. "Past" is above for latencies and the error rate, below for Apdex and uptime.</summary>
public sealed record MetricThresholds
{
    /// <summary>The defaults of the ServiceMonitor schema.</summary>
    public static MetricThresholds Default { get; } = new();

    /// <summary>Average latency, ms.</summary>
    public Threshold AverageLatency { get; init; } = new(1000, 1500);

    /// <summary>95th percentile of the latency, ms.</summary>
    public Threshold P95Latency { get; init; } = new(1500, 2200);

    /// <summary>99th percentile of the latency, ms.</summary>
    public Threshold P99Latency { get; init; } = new(2000, 3000);

    /// <summary>Apdex score, 0..1.</summary>
    public Threshold Apdex { get; init; } = new(0.8, 0.6);

    /// <summary>Error rate, percent.</summary>
    public Threshold ErrorRate { get; init; } = new(2, 5);

    /// <summary>Uptime over 24 h, percent.</summary>
    public Threshold Uptime { get; init; } = new(95, 90);
}
