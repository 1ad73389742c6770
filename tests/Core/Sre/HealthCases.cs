using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Sre;

/// <summary>Verdicts word for word: people read them at three in the morning.</summary>
public static class HealthCases
{
    private const long Noon = 1_767_614_400_000; // 2026-01-05T12:00:00Z

    public static MonitorSpec Spec { get; } = new()
    {
        Interval = TimeSpan.FromSeconds(30),
        Timeout = TimeSpan.FromSeconds(5),
        Window = TimeSpan.FromHours(1),
        Check = new HttpCheck { Url = new Uri("https://example.test/") },
        FailureThreshold = 3,
        SuccessThreshold = 2,
    };

    private static WindowSummary Calm { get; } = new()
    {
        Good = 100,
        Bad = 0,
        LatencySamples = 100,
        AverageLatencyMs = 20,
        P50LatencyMs = 20,
        P95LatencyMs = 30,
        P99LatencyMs = 40,
        Apdex = 1,
        ThroughputPerSecond = 0.033,
    };

    /// <summary>Half of a hundred checks failed.</summary>
    public static WindowSummary HalfFailed { get; } = Calm with { Good = 50, Bad = 50, LatencySamples = 50, Apdex = 0.5 };

    private static readonly HealthInput Well = new()
    {
        Spec = Spec,
        Now = Noon,
        Last = Result(Outcome.Ok, Noon - 1000),
        Streak = new Streak(false, 0, 100, 0, true),
        Window = Calm,
    };

    // Name, input, expected health, reason and message.
    private static readonly (string Name, HealthInput Input, Health Health, string Reason, string Message)[] Cases =
    [
        ("well", Well, Health.Healthy, HealthReasons.ChecksPassing, "Checks pass and every metric is inside its thresholds."),
        ("suspended", Well with { Spec = Spec with { Suspend = true } }, Health.Suspended, HealthReasons.Suspended,
            "spec.suspend is true: no checks are made."),
        ("never checked", Well with { Last = null }, Health.Unknown, HealthReasons.AwaitingFirstCheck, "No check has been made yet."),
        ("silent on the bound", Well with { Last = Result(Outcome.Ok, Noon - 90_000) }, Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("silent past the bound", Well with { Last = Result(Outcome.Ok, Noon - 90_001) }, Health.Unknown, HealthReasons.NoRecentResult,
            "No result for 90 s, past the limit of 90 s; one is due every 30 s."),
        ("silent while failing", Well with { Last = Result(Outcome.Down, Noon - 200_000), Streak = new Streak(true, 5, 0, 0, true) },
            Health.Unknown, HealthReasons.NoRecentResult, "No result for 200 s, past the limit of 90 s; one is due every 30 s."),
        ("failing", Well with { Last = Result(Outcome.Down, Noon), Streak = new Streak(true, 3, 0, 0, true) }, Health.Unhealthy,
            HealthReasons.ChecksFailing, "connection refused; the last 3 checks failed (failureThreshold 3)."),
        ("failing once is enough", Well with { Spec = Spec with { FailureThreshold = 1 }, Last = Result(Outcome.Down, Noon), Streak = new Streak(true, 1, 0, 0, true) },
            Health.Unhealthy, HealthReasons.ChecksFailing, "connection refused; the last check failed (failureThreshold 1)."),
        ("failing without a message", Well with { Last = Result(Outcome.Down, Noon) with { Message = null }, Streak = new Streak(true, 4, 0, 0, true) },
            Health.Unhealthy, HealthReasons.ChecksFailing, "No reason was given; the last 4 checks failed (failureThreshold 3)."),
        ("recovering", Well with { Streak = new Streak(true, 0, 1, 0, true) }, Health.Unhealthy, HealthReasons.ChecksFailing,
            "Recovering: the last check passed (successThreshold 2)."),
        ("failing from its first check on", Well with { Last = Result(Outcome.Down, Noon), Streak = new Streak(false, 2, 0, 0, false) }, Health.Unknown,
            HealthReasons.AwaitingFirstPass, "connection refused; the last 2 checks failed (failureThreshold 3)."),
        ("failing, not often enough", Well with { Last = Result(Outcome.Down, Noon), Streak = new Streak(false, 2, 0, 0, true) }, Health.Healthy,
            HealthReasons.ChecksPassing, "connection refused; the last 2 checks failed (failureThreshold 3)."),
        ("warning", Well with { Last = Result(Outcome.Warn, Noon) with { Message = "status 404" }, Streak = new Streak(false, 0, 9, 3, true) }, Health.Degraded,
            HealthReasons.ChecksWarning, "status 404; the last 3 checks warned (failureThreshold 3)."),
        ("warning without a message", Well with { Last = Result(Outcome.Warn, Noon) with { Message = null }, Streak = new Streak(false, 0, 9, 3, true) },
            Health.Degraded, HealthReasons.ChecksWarning, "No reason was given; the last 3 checks warned (failureThreshold 3)."),
        ("a message with its own full stop", Well with { Last = Result(Outcome.Down, Noon) with { Message = "Refused." }, Streak = new Streak(true, 3, 0, 0, true) },
            Health.Unhealthy, HealthReasons.ChecksFailing, "Refused; the last 3 checks failed (failureThreshold 3)."),
        ("certificate ends soon", Well with { Certificate = Ends(Noon + 13 * Day) }, Health.Degraded, HealthReasons.CertificateExpiring,
            "The certificate ends on 2026-01-18, in 13 days; minCertificateValidity is 14 days."),
        ("certificate ends tomorrow", Well with { Certificate = Ends(Noon + 30 * Hour) }, Health.Degraded, HealthReasons.CertificateExpiring,
            "The certificate ends on 2026-01-06, in 1 day; minCertificateValidity is 14 days."),
        ("certificate on the bound", Well with { Certificate = Ends(Noon + 14 * Day) }, Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("certificate ended", Well with { Certificate = Ends(Noon - 1) }, Health.Degraded, HealthReasons.CertificateExpiring,
            "The certificate ended on 2026-01-05; minCertificateValidity is 14 days."),
        ("error rate on the bound", Metric(Calm with { Good = 98, Bad = 2 }), Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("error rate past warning", Metric(Calm with { Good = 97, Bad = 3 }), Health.Degraded, HealthReasons.ErrorRateHigh,
            "Error rate is 3 % over 100 checks, past the warning threshold of 2 %."),
        ("error rate past critical", Metric(Calm with { Good = 7, Bad = 3 }), Health.Degraded, HealthReasons.ErrorRateHigh,
            "Error rate is 30 % over 10 checks, past the critical threshold of 5 %."),
        ("too few checks", Metric(Calm with { Good = 6, Bad = 3, LatencySamples = 6, P95LatencyMs = 9000 }), Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("average on the bound", Metric(Calm with { AverageLatencyMs = 1000 }), Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("average a hair past the bound", Metric(Calm with { AverageLatencyMs = 1000.004 }), Health.Degraded, HealthReasons.LatencyHigh,
            "Average latency is 1000.004 ms over 100 checks, past the warning threshold of 1000 ms."),
        ("p95 past warning", Metric(Calm with { P95LatencyMs = 1500.5 }), Health.Degraded, HealthReasons.LatencyHigh,
            "P95 latency is 1500.5 ms over 100 checks, past the warning threshold of 1500 ms."),
        ("p99 past critical", Metric(Calm with { P99LatencyMs = 3120.4567 }), Health.Degraded, HealthReasons.LatencyHigh,
            "P99 latency is 3120.46 ms over 100 checks, past the critical threshold of 3000 ms."),
        ("apdex on the bound", Metric(Calm with { Apdex = 0.8 }), Health.Healthy, HealthReasons.ChecksPassing,
            "Checks pass and every metric is inside its thresholds."),
        ("apdex past critical", Metric(Calm with { Apdex = 0.5 }), Health.Degraded, HealthReasons.ApdexLow,
            "Apdex is 0.5 over 100 checks, past the critical threshold of 0.6."),
        ("critical before warning", Metric(Calm with { Good = 97, Bad = 3, Apdex = 0.5 }), Health.Degraded, HealthReasons.ApdexLow,
            "Apdex is 0.5 over 100 checks, past the critical threshold of 0.6."),
    ];

    private const long Hour = 60 * 60_000L;
    private const long Day = 24 * Hour;

    public static IEnumerable<TheoryDataRow<string, Health, string, string>> All() =>
        Cases.Select(c => new TheoryDataRow<string, Health, string, string>(c.Name, c.Health, c.Reason, c.Message));

    public static HealthInput Input(string name) => Cases.Single(c => c.Name == name).Input;

    public static CheckResult Result(Outcome outcome, long due) => new()
    {
        Uid = "u",
        Location = "default",
        Generation = 1,
        DueTime = due,
        StartedAt = due,
        Outcome = outcome,
        LatencyMicros = 1,
        CountsInLatency = outcome == Outcome.Ok,
        Message = outcome == Outcome.Ok ? null : "connection refused",
    };

    private static HealthInput Metric(WindowSummary window) => Well with { Window = window };

    private static CertificateFacts Ends(long at) => new(DateTimeOffset.FromUnixTimeMilliseconds(at), "CN=test");
}
