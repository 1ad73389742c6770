using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Oracles;

/// <summary>Health read off the whole list of outcomes, oldest first, as the design's section 4 words it.</summary>
internal static class HealthOracle
{
    /// <summary>"Unhealthy after failureThreshold consecutive error/down until successThreshold consecutive others."</summary>
    public static bool IsUnhealthy(IReadOnlyList<Outcome> outcomes, int failureThreshold, int successThreshold)
    {
        var begun = LastEndOfRun(outcomes, failureThreshold, IsFailure);
        var ended = LastEndOfRun(outcomes, successThreshold, o => !IsFailure(o));
        return begun >= 0 && begun > ended;
    }

    /// <summary>How many of the newest checks, without a gap, are of a kind.</summary>
    public static int Trailing(IReadOnlyList<Outcome> outcomes, Func<Outcome, bool> which) => outcomes.Reverse().TakeWhile(which).Count();

    public static bool IsFailure(Outcome outcome) => outcome is Outcome.Error or Outcome.Down;

    /// <summary>The health, and every reason that may stand for it.</summary>
    public static (Health Health, string[] Reasons) Evaluate(
        MonitorSpec spec, IReadOnlyList<Outcome> outcomes, long? lastDue, long now, OracleSummary window, DateTimeOffset? certificateEnds)
    {
        if (spec.Suspend)
            return (Health.Suspended, [HealthReasons.Suspended]);
        if (lastDue is null)
            return (Health.Unknown, [HealthReasons.AwaitingFirstCheck]);
        var limitMs = Math.Max(3 * (decimal)spec.Interval.TotalMilliseconds, 60_000m);
        if (now - lastDue > limitMs)
            return (Health.Unknown, [HealthReasons.NoRecentResult]);
        if (IsUnhealthy(outcomes, spec.FailureThreshold, spec.SuccessThreshold))
            return (Health.Unhealthy, [HealthReasons.ChecksFailing]);
        if (Trailing(outcomes, o => o == Outcome.Warn) >= spec.FailureThreshold)
            return (Health.Degraded, [HealthReasons.ChecksWarning]);
        if (certificateEnds is { } ends && spec.Check is HttpCheck http
            && ends < DateTimeOffset.FromUnixTimeMilliseconds(now) + http.Tls.MinCertificateValidity)
            return (Health.Degraded, [HealthReasons.CertificateExpiring]);

        var t = spec.Thresholds;
        (string Reason, int Samples, decimal? Value, Threshold Bound, bool HighIsBad)[] metrics =
        [
            (HealthReasons.LatencyHigh, window.LatencySamples, window.AverageMs, t.AverageLatency, true),
            (HealthReasons.LatencyHigh, window.LatencySamples, window.P95Ms, t.P95Latency, true),
            (HealthReasons.LatencyHigh, window.LatencySamples, window.P99Ms, t.P99Latency, true),
            (HealthReasons.ApdexLow, window.Good + window.Bad, window.Apdex, t.Apdex, false),
            (HealthReasons.ErrorRateHigh, window.Good + window.Bad, window.ErrorRatePercent, t.ErrorRate, true),
        ];
        foreach (var bound in new Func<Threshold, double>[] { b => b.Critical, b => b.Warning })
        {
            var past = metrics
                .Where(m => m.Samples >= 10 && (m.HighIsBad ? m.Value > (decimal)bound(m.Bound) : m.Value < (decimal)bound(m.Bound)))
                .Select(m => m.Reason).Distinct().ToArray();
            if (past.Length > 0)
                return (Health.Degraded, past);
        }
        return outcomes.Count > 0 && outcomes.All(IsFailure)
            ? (Health.Unknown, [HealthReasons.AwaitingFirstPass])
            : (Health.Healthy, [HealthReasons.ChecksPassing]);
    }

    private static int LastEndOfRun(IReadOnlyList<Outcome> outcomes, int length, Func<Outcome, bool> which)
    {
        for (var end = outcomes.Count - 1; end >= length - 1; end--)
        {
            if (Enumerable.Range(end - length + 1, length).All(i => which(outcomes[i])))
                return end;
        }
        return -1;
    }
}
