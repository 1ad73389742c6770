using System.Globalization;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Sre;

/// <summary>All that health is derived from.</summary>
public readonly record struct HealthInput
{
    /// <summary>The spec in force.</summary>
    public required MonitorSpec Spec { get; init; }

    /// <summary>The present, ms since the Unix epoch.</summary>
    public required long Now { get; init; }

    /// <summary>The newest result of any kind; null where there is none.</summary>
    public required CheckResult? Last { get; init; }

    /// <summary>The streak after it; of rounds, where several locations check.</summary>
    public required Streak Streak { get; init; }

    /// <summary>
    /// Where several locations check: when a check was due last of as many as the quorum has, ms since the Unix epoch. Null where one location checks, or there was
    /// never a quorum: then the newest result counts.
    /// </summary>
    public long? HeardAt { get; init; }

    /// <summary>Where several locations check: who sees a failure, for the message; null where one location checks.</summary>
    public string? SeenBy { get; init; }

    /// <summary>The metrics window now.</summary>
    public required WindowSummary Window { get; init; }

    /// <summary>The certificate that the target showed last; null without TLS.</summary>
    public CertificateFacts? Certificate { get; init; }
}

/// <summary>Derives health. Pure: the same input gives the same verdict.</summary>
public static class HealthEvaluator
{
    /// <summary>With fewer samples behind it a metric makes no health: one slow check of a young monitor is no trend.</summary>
    public const int MinSamples = 10;

    /// <summary>The health and what decided it; where several metrics are past a threshold, the first in the order of
    /// <see cref="MetricLevels.Rated"/> that is past critical, else the first that is past warning.</summary>
    public static HealthVerdict Evaluate(in HealthInput input)
    {
        var spec = input.Spec;
        if (spec.Suspend)
            return new(Health.Suspended, HealthReasons.Suspended, "spec.suspend is true: no checks are made.");
        if (input.Last is not { } last)
            return new(Health.Unknown, HealthReasons.AwaitingFirstCheck, "No check has been made yet.");

        var silence = input.Now - (input.HeardAt ?? last.DueTime);
        var limit = UnknownAfter(spec.Interval);
        if (silence > limit.TotalMilliseconds)
            return new(Health.Unknown, HealthReasons.NoRecentResult, Say(
                $"No result {(input.HeardAt is null ? "" : "of a quorum of locations ")}for {silence / 1000} s, past the limit of {limit.TotalSeconds} s; one is due every {spec.Interval.TotalSeconds} s."));

        if (input.Streak.Unhealthy)
            return new(Health.Unhealthy, HealthReasons.ChecksFailing, SayFailing(input, last));
        if (input.Streak.Warnings >= spec.FailureThreshold)
            return new(Health.Degraded, HealthReasons.ChecksWarning, SayBad(input.Streak.Warnings, "warned", input, last));
        if (input.Certificate is { } certificate && CertificateEndsSoon(certificate, spec.Check, input.Now))
            return new(Health.Degraded, HealthReasons.CertificateExpiring, SayExpiring(certificate, spec.Check, input.Now));
        if (WorstMetric(spec.Thresholds, input.Window) is { } metric)
            return metric;
        if (input.Streak.Failures == 0)
            return new(Health.Healthy, HealthReasons.ChecksPassing, "Checks pass and every metric is inside its thresholds.");
        // What has only ever failed was never well, whatever the threshold waits for.
        return input.Streak.Passed
            ? new(Health.Healthy, HealthReasons.ChecksPassing, SayBad(input.Streak.Failures, "failed", input, last))
            : new(Health.Unknown, HealthReasons.AwaitingFirstPass, SayBad(input.Streak.Failures, "failed", input, last));
    }

    /// <summary>After this long without a result health is Unknown.</summary>
    public static TimeSpan UnknownAfter(TimeSpan interval) =>
        interval * 3 > TimeSpan.FromSeconds(60) ? interval * 3 : TimeSpan.FromSeconds(60);

    /// <summary>Whether the certificate ends sooner than the check asks for.</summary>
    public static bool CertificateEndsSoon(CertificateFacts certificate, CheckSpec check, long now) =>
        MinValidity(check) is { } least && certificate.NotAfter.ToUnixTimeMilliseconds() - now < least.TotalMilliseconds;

    private static TimeSpan? MinValidity(CheckSpec check) => (check as HttpCheck)?.Tls.MinCertificateValidity;

    private static HealthVerdict? WorstMetric(MetricThresholds thresholds, in WindowSummary window)
    {
        if (MetricLevels.AllInside(thresholds, window))
            return null;
        HealthVerdict? warning = null;
        foreach (var metric in MetricLevels.Rated(thresholds, window))
        {
            if (metric.Samples < MinSamples || metric.Level is not (MetricLevel.Warning or MetricLevel.Critical))
                continue;
            var critical = metric.Level == MetricLevel.Critical;
            var verdict = new HealthVerdict(Health.Degraded, metric.Reason, SayMetric(metric, critical));
            if (critical)
                return verdict;
            warning ??= verdict;
        }
        return warning;
    }

    /// <summary>A metric past a threshold, for people: its value, over how many checks, and which threshold.</summary>
    public static string SayMetric(in RatedMetric metric, bool critical)
    {
        var bound = critical ? metric.Threshold.Critical : metric.Threshold.Warning;
        return Say($"{metric.Name} is {Beside(metric.Value, bound)}{metric.Unit} over {metric.Samples} checks, past the {(critical ? "critical" : "warning")} threshold of {Number(bound)}{metric.Unit}.");
    }

    private static string SayFailing(in HealthInput input, CheckResult last) =>
        input.Streak.Failures > 0
            ? SayBad(input.Streak.Failures, "failed", input, last)
            : Say($"Recovering: {Times(input.Streak.Others, input)} passed (successThreshold {input.Spec.SuccessThreshold}).");

    private static string SayBad(int count, string did, in HealthInput input, CheckResult last) =>
        Say($"{input.SeenBy}{last.Message?.TrimEnd('.', ' ') ?? "No reason was given"}; {Times(count, input)} {did} (failureThreshold {input.Spec.FailureThreshold}).");

    private static string SayExpiring(CertificateFacts certificate, CheckSpec check, long now)
    {
        var left = certificate.NotAfter - DateTimeOffset.FromUnixTimeMilliseconds(now);
        var end = left < TimeSpan.Zero
            ? Say($"ended on {certificate.NotAfter.UtcDateTime:yyyy-MM-dd}")
            : Say($"ends on {certificate.NotAfter.UtcDateTime:yyyy-MM-dd}, in {Length(left)}");
        return Say($"The certificate {end}; minCertificateValidity is {Length(MinValidity(check) ?? TimeSpan.Zero)}.");
    }

    // In the largest unit of which there is at least one, rounded down.
    private static string Length(TimeSpan span) => span switch
    {
        { Days: 1 } => "1 day",
        { Days: > 1 } => Say($"{span.Days} days"),
        { Hours: > 0 } => Say($"{span.Hours} h"),
        _ => Say($"{span.Minutes} min"),
    };

    private static string Times(int count, in HealthInput input)
    {
        var what = input.SeenBy is null ? "check" : "round";
        return count == 1 ? $"the last {what}" : Say($"the last {count} {what}s");
    }

    // "1000 ms is past 1000 ms" helps nobody: a value that only rounding makes equal to the bound is given in full.
    private static string Beside(double value, double bound) =>
        Number(value) == Number(bound) ? value.ToString(CultureInfo.InvariantCulture) : Number(value);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
