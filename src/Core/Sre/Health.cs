namespace HealthTrack.Core.Sre;

/// <summary>How a monitor's target is.</summary>
public enum Health
{
    /// <summary>Nothing is known: no result for max(3 intervals, 60 s), or none ever.</summary>
    Unknown,

    /// <summary>As it should be.</summary>
    Healthy,

    /// <summary>It answers, but a metric is past a threshold, it warns, or its certificate ends soon.</summary>
    Degraded,

    /// <summary>It fails.</summary>
    Unhealthy,

    /// <summary>It is not being checked, on request.</summary>
    Suspended,
}

/// <summary>A health and what decided it.</summary>
/// <param name="Health">The health.</param>
/// <param name="Reason">One of <see cref="HealthReasons"/>.</param>
/// <param name="Message">For people: what decided, its value and the threshold.</param>
public readonly record struct HealthVerdict(Health Health, string Reason, string Message);

/// <summary>The reasons that health, conditions and events give. One word each, part of the API: never renamed.</summary>
public static class HealthReasons
{
    /// <summary>Healthy: the last checks passed and every metric is inside its thresholds.</summary>
    public const string ChecksPassing = nameof(ChecksPassing);

    /// <summary>Unhealthy: <c>failureThreshold</c> consecutive checks failed.</summary>
    public const string ChecksFailing = nameof(ChecksFailing);

    /// <summary>Degraded: <c>failureThreshold</c> consecutive checks warned.</summary>
    public const string ChecksWarning = nameof(ChecksWarning);

    /// <summary>Degraded: the average, P95 or P99 latency is past a threshold.</summary>
    public const string LatencyHigh = nameof(LatencyHigh);

    /// <summary>Degraded: the Apdex score is past a threshold.</summary>
    public const string ApdexLow = nameof(ApdexLow);

    /// <summary>Degraded: the error rate is past a threshold.</summary>
    public const string ErrorRateHigh = nameof(ErrorRateHigh);

    /// <summary>Degraded: the certificate ends sooner than <c>minCertificateValidity</c>.</summary>
    public const string CertificateExpiring = nameof(CertificateExpiring);

    /// <summary>Unknown: no check has been made yet.</summary>
    public const string AwaitingFirstCheck = nameof(AwaitingFirstCheck);

    /// <summary>Unknown: the first checks failed, and not yet so many that it is Unhealthy.</summary>
    public const string AwaitingFirstPass = nameof(AwaitingFirstPass);

    /// <summary>Unknown: no result for max(3 intervals, 60 s).</summary>
    public const string NoRecentResult = nameof(NoRecentResult);

    /// <summary>Suspended: the spec says so.</summary>
    public const string Suspended = nameof(Suspended);

    /// <summary>Unknown and Stalled: the spec is wrong and there is no earlier form that was right.</summary>
    public const string InvalidSpec = nameof(InvalidSpec);

    /// <summary>Not ready, or ready but for some fields: this version does not act on what the spec asks for.</summary>
    public const string NotSupported = nameof(NotSupported);

    /// <summary>Not ready: a secret that the spec names does not exist or may not be read.</summary>
    public const string SecretNotFound = nameof(SecretNotFound);

    /// <summary>Not ready: a secret that the spec names, or all of them together, hold more than workers are sent.</summary>
    public const string SecretTooLarge = nameof(SecretTooLarge);

    /// <summary>Not ready: a pool that the spec names does not exist.</summary>
    public const string PoolNotFound = nameof(PoolNotFound);

    /// <summary>Not ready: a notification channel that the spec names does not exist, so that nobody is told through it; checks go on.</summary>
    public const string ChannelNotFound = nameof(ChannelNotFound);

    /// <summary>Ready, but unchecked at a location: its pool has no worker. Health turns Unknown in time.</summary>
    public const string NoWorker = nameof(NoWorker);

    /// <summary>Not ready: the check needs secrets, and the link to the workers of a pool is neither encrypted nor within one machine.</summary>
    public const string LinkNotEncrypted = nameof(LinkNotEncrypted);

    /// <summary>Ready: the monitor operates.</summary>
    public const string Operating = nameof(Operating);
}
