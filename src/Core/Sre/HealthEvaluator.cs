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

    /// <summary>The streak after it.</summary>
    public required Streak Streak { get; init; }

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

    /// <summary>The health and what decided it; where several things are wrong, the worst, then the first in the order of the design.</summary>
    public static HealthVerdict Evaluate(in HealthInput input)
    {
        var spec = input.Spec;
        if (spec.Suspend)
            return new(Health.Suspended, HealthReasons.Suspended, "spec.suspend is true: no checks are made.");
        if (input.Last is not { } last)
            return new(Health.Unknown, HealthReasons.AwaitingFirstCheck, "No check has been made yet.");

        var silence = input.Now - last.DueTime;
        var limit = UnknownAfter(spec.Interval);
        if (silence > limit.TotalMilliseconds)
            return new(Health.Unknown, HealthReasons.NoRecentResult, Say($"No result for {silence / 1000} s; one is due every {spec.Interval.TotalSeconds} s."));

        if (input.Streak.Unhealthy)
            return new(Health.Unhealthy, HealthReasons.ChecksFailing, SayFailing(input, last));
        if (input.Streak.Warnings >= spec.FailureThreshold)
            return new(Health.Degraded, HealthReasons.ChecksWarning, Say($"{Times(input.Streak.Warnings)} warned: {last.Message}."));
        if (input.Certificate is { } certificate && CertificateEndsSoon(certificate, spec.Check, input.Now))
            return new(Health.Degraded, HealthReasons.CertificateExpiring, SayExpiring(certificate, input.Now));
        return WorstMetric(spec.Thresholds, input.Window)
            ?? new(Health.Healthy, HealthReasons.ChecksPassing, input.Streak.Failures == 0
                ? "Checks pass and every metric is inside its thresholds."
                : Say($"{Times(input.Streak.Failures)} failed of the {spec.FailureThreshold} that make it Unhealthy: {last.Message}."));
    }

    /// <summary>After this long without a result health is Unknown.</summary>
    public static TimeSpan UnknownAfter(TimeSpan interval) =>
        interval * 3 > TimeSpan.FromSeconds(60) ? interval * 3 : TimeSpan.FromSeconds(60);

    /// <summary>Whether the certificate ends sooner than the check asks for.</summary>
    public static bool CertificateEndsSoon(CertificateFacts certificate, CheckSpec check, long now) =>
        check is HttpCheck http && certificate.NotAfter.ToUnixTimeMilliseconds() - now < http.Tls.MinCertificateValidity.TotalMilliseconds;

    private static HealthVerdict? WorstMetric(MetricThresholds thresholds, in WindowSummary window)
    {
        HealthVerdict? warning = null;
        foreach (var metric in MetricLevels.Rated(thresholds, window))
        {
            if (metric.Samples < MinSamples || metric.Level is not (MetricLevel.Warning or MetricLevel.Critical))
                continue;
            var critical = metric.Level == MetricLevel.Critical;
            var bound = critical ? metric.Threshold.Critical : metric.Threshold.Warning;
            var verdict = new HealthVerdict(
                Health.Degraded,
                metric.Reason,
                Say($"{metric.Name} is {Number(metric.Value)}{metric.Unit} over {metric.Samples} checks, past the {(critical ? "critical" : "warning")} threshold of {Number(bound)}{metric.Unit}."));
            if (critical)
                return verdict;
            warning ??= verdict;
        }
        return warning;
    }

    private static string SayFailing(in HealthInput input, CheckResult last) =>
        input.Streak.Failures > 0
            ? Say($"{Times(input.Streak.Failures)} failed: {last.Message ?? "no reason was given"}.")
            : Say($"{Times(input.Streak.Others)} passed of the {input.Spec.SuccessThreshold} that end it.");

    private static string SayExpiring(CertificateFacts certificate, long now)
    {
        var left = certificate.NotAfter - DateTimeOffset.FromUnixTimeMilliseconds(now);
        return left < TimeSpan.Zero
            ? Say($"The certificate ended on {certificate.NotAfter:yyyy-MM-dd}.")
            : Say($"The certificate ends on {certificate.NotAfter:yyyy-MM-dd}, in {Math.Floor(left.TotalDays)} days.");
    }

    private static string Times(int count) => count == 1 ? "The last check" : Say($"The last {count} checks");

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
