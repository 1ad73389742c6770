namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>What is checked, how often, and what well means.</summary>
public sealed record ServiceMonitorSpec
{
    /// <summary>What people call the monitor. Default: metadata.name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Time between two checks at one location, 1s to 24h. Durations are Go's (300ms, 1m30s) plus d for 24 hours.</summary>
    public string? Interval { get; init; }

    /// <summary>After this long a check is given up and counts as down; less than interval. Default: 0.8 intervals, at most 10s.</summary>
    public string? Timeout { get; init; }

    /// <summary>Make no checks. Health is Suspended, and the time counts as unknown, neither good nor bad.</summary>
    public bool? Suspend { get; init; }

    /// <summary>Sends one HTTP request and looks at the answer.</summary>
    public HttpSpec? Http { get; init; }

    /// <summary>Opens a TCP connection, and says and expects a text where given.</summary>
    public TcpSpec? Tcp { get; init; }

    /// <summary>Asks a DNS question and looks at the answer.</summary>
    public DnsSpec? Dns { get; init; }

    /// <summary>Makes a TLS handshake and looks at the certificate.</summary>
    public TlsHandshakeSpec? Tls { get; init; }

    /// <summary>Calls grpc.health.v1.Health/Check.</summary>
    public GrpcSpec? Grpc { get; init; }

    /// <summary>Sends ICMP echo requests.</summary>
    public IcmpSpec? Icmp { get; init; }

    /// <summary>Waits for a job to call POST /heartbeats/{token} once an interval; silence is the failure.</summary>
    public HeartbeatSpec? Heartbeat { get; init; }

    /// <summary>Where the checks are made.</summary>
    public ProbeSpec? Probe { get; init; }

    /// <summary>Consecutive failed checks before health turns Unhealthy.</summary>
    public int? FailureThreshold { get; init; }

    /// <summary>Consecutive good checks before Unhealthy ends.</summary>
    public int? SuccessThreshold { get; init; }

    /// <summary>
    /// Length of the window behind the latency, Apdex, error rate and rate metrics, 1m to 30d, at most 3600 checks. Default: 1h, or 20
    /// intervals where those are longer.
    /// </summary>
    public string? Window { get; init; }

    /// <summary>The Apdex score.</summary>
    public ApdexSpec? Apdex { get; init; }

    /// <summary>Where each metric turns yellow (warning) and red (critical).</summary>
    public ThresholdsSpec? Thresholds { get; init; }

    /// <summary>The objective and its error budget.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>Monitors that this one needs. Accepted and checked; this version does not act on it yet.</summary>
    public IReadOnlyList<DependencySpec>? DependsOn { get; init; }

    /// <summary>Who is told, and of what.</summary>
    public AlertsSpec? Alerts { get; init; }
}

/// <summary>Where the checks are made.</summary>
public sealed record ProbeSpec
{
    /// <summary>ProbePools that check, one location each.</summary>
    public IReadOnlyList<string>? Pools { get; init; }

    /// <summary>How many locations must see a failure for it to count.</summary>
    public int? Quorum { get; init; }
}

/// <summary>The Apdex score.</summary>
public sealed record ApdexSpec
{
    /// <summary>T: up to T a user is satisfied, up to 4T tolerating, beyond or on a bad check frustrated.</summary>
    public string? Threshold { get; init; }
}

/// <summary>Where each metric turns yellow (warning) and red (critical).</summary>
public sealed record ThresholdsSpec
{
    /// <summary>Average latency of the window.</summary>
    public LatencyThresholdSpec? AvgLatency { get; init; }

    /// <summary>95th percentile of the latency.</summary>
    public LatencyThresholdSpec? P95Latency { get; init; }

    /// <summary>99th percentile of the latency.</summary>
    public LatencyThresholdSpec? P99Latency { get; init; }

    /// <summary>Apdex score, 0 to 1.</summary>
    public NumberThresholdSpec? Apdex { get; init; }

    /// <summary>Percent of the checks of the window that were bad.</summary>
    public NumberThresholdSpec? ErrorRate { get; init; }

    /// <summary>Percent of good checks over 24 hours.</summary>
    public NumberThresholdSpec? Uptime { get; init; }
}

/// <summary>Warning and critical bound of a latency, durations.</summary>
public sealed record LatencyThresholdSpec
{
    /// <summary>Above this the metric is yellow.</summary>
    public string? Warning { get; init; }

    /// <summary>Above this the metric is red.</summary>
    public string? Critical { get; init; }
}

/// <summary>Warning and critical bound of a metric that is a number.</summary>
public sealed record NumberThresholdSpec
{
    /// <summary>Below this the metric is yellow.</summary>
    public double? Warning { get; init; }

    /// <summary>Below this the metric is red.</summary>
    public double? Critical { get; init; }
}

/// <summary>The objective and its error budget.</summary>
public sealed record SloSpec
{
    /// <summary>Percent of checks that must be good, quoted: "99.9".</summary>
    public required string Objective { get; init; }

    /// <summary>Rolling window that the objective holds over.</summary>
    public string? Window { get; init; }

    /// <summary>Count from the start of the calendar week, month or quarter instead of over the rolling window.</summary>
    public string? Calendar { get; init; }

    /// <summary>IANA time zone in which the calendar turns. Default: UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A second objective, about speed: the share of the ok checks that are fast enough.</summary>
    public LatencySloSpec? Latency { get; init; }

    /// <summary>A burn alert needs at least this many bad checks in its long window.</summary>
    public int? MinimumBadChecks { get; init; }
}

/// <summary>A second objective, about speed: the share of the ok checks that are fast enough.</summary>
public sealed record LatencySloSpec
{
    /// <summary>A check is fast up to this latency.</summary>
    public required string Threshold { get; init; }

    /// <summary>Percent of the ok checks that must be fast, quoted: "99".</summary>
    public required string Objective { get; init; }
}

/// <summary>One monitor.</summary>
public sealed record DependencySpec
{
    /// <summary>Name of the ServiceMonitor.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace. Default: the namespace of this monitor.</summary>
    public string? Namespace { get; init; }
}

/// <summary>Who is told, and of what.</summary>
public sealed record AlertsSpec
{
    /// <summary>
    /// NotificationChannels, looked up in the namespace of the monitor, then in the operator's. Default: those marked default.
    /// </summary>
    public IReadOnlyList<ChannelRefSpec>? Channels { get; init; }

    /// <summary>What is told. Default: all of them.</summary>
    public IReadOnlyList<string>? Signals { get; init; }

    /// <summary>How often an alert that goes on is told again, 1m to 30d.</summary>
    public string? RepeatInterval { get; init; }
}

/// <summary>One channel.</summary>
public sealed record ChannelRefSpec
{
    /// <summary>Name of the NotificationChannel.</summary>
    public required string Name { get; init; }
}
