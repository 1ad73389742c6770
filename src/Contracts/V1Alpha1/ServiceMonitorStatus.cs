namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>What HealthTrack knows of the target. Written by the operator only.</summary>
public sealed record ServiceMonitorStatus
{
    /// <summary>The generation of the spec that the rest speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>
    /// The target of the check as one string (a URL, or host:port), for the Target column: a column shows one field, whatever the kind.
    /// Holds no secret.
    /// </summary>
    public string? Target { get; init; }

    /// <summary>Health of the target.</summary>
    public string? Health { get; init; }

    /// <summary>What decided the health, one CamelCase word.</summary>
    public string? Reason { get; init; }

    /// <summary>What decided the health, with its value and the threshold.</summary>
    public string? Message { get; init; }

    /// <summary>The newest check. Rides along with other changes, so it may be older than the last check made.</summary>
    public LastCheckStatus? LastCheck { get; init; }

    /// <summary>The metrics of the window. A metric without samples is left out.</summary>
    public MetricsStatus? Metrics { get; init; }

    /// <summary>The objective and what is left of its error budget.</summary>
    public SloStatus? Slo { get; init; }

    /// <summary>The certificate that the target showed.</summary>
    public CertificateStatus? Certificate { get; init; }

    /// <summary>How each location sees the target.</summary>
    public IReadOnlyList<LocationStatus>? Locations { get; init; }

    /// <summary>
    /// Ready (the monitor operates, whatever the target does), Healthy (the target is well), ObjectiveMet and, only while true,
    /// Reconciling and Stalled.
    /// </summary>
    public IReadOnlyList<ConditionStatus>? Conditions { get; init; }
}

/// <summary>The newest check. Rides along with other changes, so it may be older than the last check made.</summary>
public sealed record LastCheckStatus
{
    /// <summary>When it was due.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How it ended.</summary>
    public string? Outcome { get; init; }

    /// <summary>From its start to the last byte read, or to the failure, ms.</summary>
    public long? LatencyMs { get; init; }

    /// <summary>The protocol's status code.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The pool that made it.</summary>
    public string? Location { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Message { get; init; }
}

/// <summary>The metrics of the window. A metric without samples is left out.</summary>
public sealed record MetricsStatus
{
    /// <summary>Length of the window.</summary>
    public string? Window { get; init; }

    /// <summary>Checks in the window.</summary>
    public long? Checks { get; init; }

    /// <summary>Average latency, ms.</summary>
    public long? AvgLatencyMs { get; init; }

    /// <summary>Median latency, ms.</summary>
    public long? P50LatencyMs { get; init; }

    /// <summary>95th percentile of the latency, ms.</summary>
    public long? P95LatencyMs { get; init; }

    /// <summary>99th percentile of the latency, ms.</summary>
    public long? P99LatencyMs { get; init; }

    /// <summary>Apdex score, such as "0.94".</summary>
    public string? Apdex { get; init; }

    /// <summary>Percent of bad checks, such as "0.50".</summary>
    public string? ErrorRatePercent { get; init; }

    /// <summary>Percent of good checks over 24 hours, such as "99.95".</summary>
    public string? Uptime24hPercent { get; init; }

    /// <summary>Checks a minute.</summary>
    public string? RequestsPerMinute { get; init; }

    /// <summary>Checks a second.</summary>
    public string? ThroughputPerSecond { get; init; }
}

/// <summary>The objective and what is left of its error budget.</summary>
public sealed record SloStatus
{
    /// <summary>The objective, percent.</summary>
    public string? Objective { get; init; }

    /// <summary>Its window.</summary>
    public string? Window { get; init; }

    /// <summary>Percent of good checks in the window.</summary>
    public string? AttainmentPercent { get; init; }

    /// <summary>Percent of the due checks that were made.</summary>
    public string? CoveragePercent { get; init; }

    /// <summary>What is left of the error budget; negative once overspent.</summary>
    public string? BudgetRemainingPercent { get; init; }

    /// <summary>The same as a duration, such as "32m".</summary>
    public string? BudgetRemaining { get; init; }

    /// <summary>Burn rates over several windows: 1 uses the budget up exactly at the end of the window.</summary>
    public IReadOnlyList<BurnRateStatus>? BurnRates { get; init; }

    /// <summary>When the budget is used up at the present rate.</summary>
    public DateTimeOffset? ExhaustedAt { get; init; }

    /// <summary>The latency objective, with a budget of its own.</summary>
    public LatencySloStatus? Latency { get; init; }
}

/// <summary>The burn rate over one window.</summary>
public sealed record BurnRateStatus
{
    /// <summary>Length of the window, such as 1h.</summary>
    public required string Window { get; init; }

    /// <summary>Burn rate, such as "14.40".</summary>
    public required string Rate { get; init; }
}

/// <summary>The latency objective, with a budget of its own.</summary>
public sealed record LatencySloStatus
{
    /// <summary>A check is fast up to this latency.</summary>
    public string? Threshold { get; init; }

    /// <summary>The objective, percent.</summary>
    public string? Objective { get; init; }

    /// <summary>Percent of the ok checks that were fast.</summary>
    public string? AttainmentPercent { get; init; }

    /// <summary>What is left of its budget; negative once overspent.</summary>
    public string? BudgetRemainingPercent { get; init; }

    /// <summary>The same as a duration.</summary>
    public string? BudgetRemaining { get; init; }

    /// <summary>Burn rates over several windows: 1 uses the budget up exactly at the end of the window.</summary>
    public IReadOnlyList<BurnRateStatus>? BurnRates { get; init; }

    /// <summary>When the budget is used up at the present rate.</summary>
    public DateTimeOffset? ExhaustedAt { get; init; }
}

/// <summary>The certificate that the target showed.</summary>
public sealed record CertificateStatus
{
    /// <summary>When it ends.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Its issuer.</summary>
    public string? Issuer { get; init; }
}

/// <summary>One location.</summary>
public sealed record LocationStatus
{
    /// <summary>The pool.</summary>
    public required string Pool { get; init; }

    /// <summary>The worker that checks.</summary>
    public string? Worker { get; init; }

    /// <summary>Health as seen from there.</summary>
    public string? Health { get; init; }

    /// <summary>When its newest check was due.</summary>
    public DateTimeOffset? LastCheckTime { get; init; }
}

/// <summary>One condition.</summary>
public sealed record ConditionStatus
{
    /// <summary>Kind of the condition.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it holds.</summary>
    public required string Status { get; init; }

    /// <summary>The generation of the spec that it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When status last changed.</summary>
    public required DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>Why, one CamelCase word.</summary>
    public required string Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Message { get; init; }
}
