namespace HealthTrack.Core.Alerts;

/// <summary>What an alert is about. A monitor has at most one alert a signal at a time.</summary>
public enum AlertSignal
{
    /// <summary>Health is Unhealthy.</summary>
    Down,

    /// <summary>The average, P95 or P99 latency is past a threshold.</summary>
    Latency,

    /// <summary>The error rate is past a threshold.</summary>
    ErrorRate,

    /// <summary>The Apdex score is past a threshold.</summary>
    Apdex,

    /// <summary>The error budget burns too fast.</summary>
    SloBurn,

    /// <summary>The certificate ends soon.</summary>
    Certificate,

    /// <summary>No result comes although one is due.</summary>
    NoData,
}

/// <summary>How urgent an alert is, in ascending order.</summary>
public enum AlertSeverity
{
    /// <summary>To be looked at in working hours: a ticket.</summary>
    Warning,

    /// <summary>To be looked at now: a page.</summary>
    Critical,
}

/// <summary>The names of signals, states and severities in manifests, the API and events.</summary>
public static class AlertNames
{
    private static readonly string[] Signals = ["down", "latency", "errorRate", "apdex", "sloBurn", "certificate", "noData"];

    /// <summary>The name of a signal, as in <c>spec.alerts.signals</c>.</summary>
    public static string Of(AlertSignal signal) => Signals[(int)signal];

    /// <summary>The name of a state.</summary>
    public static string Of(AlertState state) => state switch
    {
        AlertState.Pending => "pending",
        AlertState.Firing => "firing",
        AlertState.Acknowledged => "acknowledged",
        _ => "resolved",
    };

    /// <summary>The name of a severity.</summary>
    public static string Of(AlertSeverity severity) => severity == AlertSeverity.Critical ? "critical" : "warning";

    /// <summary>The signal of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static AlertSignal Signal(string name) =>
        Array.IndexOf(Signals, name) is var index and >= 0 ? (AlertSignal)index : throw new FormatException($"'{name}' is no signal: {string.Join(", ", Signals)}.");

    /// <summary>The severity of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static AlertSeverity Severity(string name) => name switch
    {
        "critical" => AlertSeverity.Critical,
        "warning" => AlertSeverity.Warning,
        _ => throw new FormatException($"'{name}' is no severity: warning, critical."),
    };
}
