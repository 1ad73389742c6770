using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Status;

namespace HealthTrack.Operator.Tests.Status;

public sealed class StatusDecisionTests
{
    private static readonly DateTimeOffset Written = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ServiceMonitorStatus Before = new()
    {
        ObservedGeneration = 3,
        Target = "http://127.0.0.1/",
        Health = "Healthy",
        Reason = "ChecksPassing",
        Message = "The last check passed.",
        LastCheck = new() { Time = Written, Outcome = "ok" },
        Metrics = new()
        {
            Checks = 10, AvgLatencyMs = 100, P50LatencyMs = 100, P95LatencyMs = 200, P99LatencyMs = 300, Apdex = "0.94", ErrorRatePercent = "1.00",
            Uptime24hPercent = "99.50", RequestsPerMinute = "6.00",
        },
        Certificate = new() { NotAfter = Written.AddDays(60), Issuer = "CN=one" },
        Locations = [new() { Pool = "default", LastCheckTime = Written }],
        Conditions = [Condition("Ready", "True", "Operating"), Condition("Healthy", "True", "ChecksPassing")],
    };

    [Fact]
    public void For_NothingWritten_IsAtOnce() => Assert.Equal(StatusUrgency.AtOnce, StatusDecision.For(null, Before).Urgency);

    [Fact]
    public void For_TheSame_IsNone() => Assert.Equal(StatusUrgency.None, Decide(Before with { Conditions = [.. Before.Conditions!] }).Urgency);

    public static TheoryData<string, ServiceMonitorStatus> Turns => new()
    {
        { "health", Before with { Health = "Unhealthy" } },
        { "reason", Before with { Reason = "LatencyHigh" } },
        { "generation", Before with { ObservedGeneration = 4 } },
        { "target", Before with { Target = "http://127.0.0.1/b" } },
        { "a condition's status", Before with { Conditions = [Condition("Ready", "False", "Operating"), Before.Conditions![1]] } },
        { "a condition's reason", Before with { Conditions = [Condition("Ready", "True", "NotSupported"), Before.Conditions![1]] } },
        { "a new condition", Before with { Conditions = [.. Before.Conditions!, Condition("Stalled", "True", "InvalidSpec")] } },
        { "a condition gone", Before with { Conditions = [Before.Conditions![0]] } },
    };

    [Theory]
    [MemberData(nameof(Turns))]
    public void For_SomethingTurned_IsAtOnce(string what, ServiceMonitorStatus now) =>
        Assert.True(Decide(now).Urgency == StatusUrgency.AtOnce, what);

    public static TheoryData<string, MetricsStatus> Moves => new()
    {
        { "average 100 to 110", Before.Metrics! with { AvgLatencyMs = 110 } },
        { "median 100 to 90", Before.Metrics! with { P50LatencyMs = 90 } },
        { "P95 200 to 220", Before.Metrics! with { P95LatencyMs = 220 } },
        { "P99 300 to 330", Before.Metrics! with { P99LatencyMs = 330 } },
        { "P99 gone", Before.Metrics! with { P99LatencyMs = null } },
        { "Apdex 0.94 to 0.92", Before.Metrics! with { Apdex = "0.92" } },
        { "error rate 1.00 to 1.10", Before.Metrics! with { ErrorRatePercent = "1.10" } },
        { "uptime 99.50 to 99.40", Before.Metrics! with { Uptime24hPercent = "99.40" } },
        { "uptime gone", Before.Metrics! with { Uptime24hPercent = null } },
    };

    [Theory]
    [MemberData(nameof(Moves))]
    public void For_ANumberMoved_IsOrdinaryAfterHalfAMinute(string what, MetricsStatus metrics) => Assert.True(
        Decide(Before with { Metrics = metrics }) == new StatusDecision(StatusUrgency.Ordinary, Written.AddSeconds(30)), what);

    public static TheoryData<string, ServiceMonitorStatus> Riders => new()
    {
        { "last check", Before with { LastCheck = Before.LastCheck! with { Time = Written.AddSeconds(10) } } },
        { "checks", Before with { Metrics = Before.Metrics! with { Checks = 11 } } },
        { "location", Before with { Locations = [new() { Pool = "default", LastCheckTime = Written.AddSeconds(10) }] } },
        { "message", Before with { Message = "Another number." } },
        { "a condition's message", Before with { Conditions = [Before.Conditions![0] with { Message = "Another." }, Before.Conditions[1]] } },
        { "average 100 to 109", Before with { Metrics = Before.Metrics! with { AvgLatencyMs = 109 } } },
        { "Apdex 0.94 to 0.93", Before with { Metrics = Before.Metrics! with { Apdex = "0.93" } } },
        { "error rate 1.00 to 1.09", Before with { Metrics = Before.Metrics! with { ErrorRatePercent = "1.09" } } },
    };

    [Theory]
    [MemberData(nameof(Riders))]
    public void For_WhatOnlyRidesAlong_IsOrdinaryAfterHalfAnHour(string what, ServiceMonitorStatus now) =>
        Assert.True(Decide(now) == new StatusDecision(StatusUrgency.Ordinary, Written.AddMinutes(30)), what);

    [Fact]
    public void For_LatencyOfNothing_MovesWithEachMillisecond()
    {
        var zero = Before with { Metrics = Before.Metrics! with { P50LatencyMs = 0 } };
        var one = Before with { Metrics = Before.Metrics! with { P50LatencyMs = 1 } };

        Assert.Equal(StatusUrgency.Ordinary, StatusDecision.For(new(zero, Written), one).Urgency);
        Assert.Equal(StatusUrgency.None, StatusDecision.For(new(zero, Written), zero with { Message = zero.Message }).Urgency);
    }

    private static StatusDecision Decide(ServiceMonitorStatus now) => StatusDecision.For(new WrittenStatus(Before, Written), now);

    private static ConditionStatus Condition(string type, string status, string reason) => new()
    {
        Type = type, Status = status, Reason = reason, Message = "So it is.", ObservedGeneration = 3, LastTransitionTime = Written,
    };
}
