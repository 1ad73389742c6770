using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class HealthEvaluatorTests
{
    private const long Noon = 1_767_614_400_000; // 2026-01-05T12:00:00Z

    // Values on and beside the default bounds of average, P95 and P99.
    private static readonly Gen<long> Latencies = Gen.Select(
        Gen.Int[0, 9], Gen.Long[-1, 1],
        (n, beside) => new long[] { 5_000, 20_000, 100_000, 400_000, 1_000_000, 1_500_000, 2_000_000, 2_200_000, 3_000_000, 4_000_000 }[n] + beside);

    private static readonly Gen<(Outcome, long)> Checks = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 3], Latencies, Gen.Int[0, 5],
        (n, bad, latency, slow) => (n < 18 ? Outcome.Ok : (Outcome)bad, slow > 0 ? 5_000 : latency));

    [Fact]
    public void Evaluate_AnyHistory_IsWhatTheOracleSays() =>
        Gen.Select(
            Checks.Array[0, 40], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 120], Gen.Long[-1, 1], Gen.Int[0, 9], Gen.Long[-1, 1], Gen.Int[0, 30]).Sample(
            (checks, failures, successes, intervalSeconds, beside, silence, besideCertificate, suspend) =>
            {
                var spec = HealthCases.Spec with
                {
                    Interval = TimeSpan.FromSeconds(intervalSeconds),
                    FailureThreshold = failures,
                    SuccessThreshold = successes,
                    Suspend = suspend == 0,
                    ApdexThreshold = TimeSpan.FromMilliseconds(500),
                };
                var first = Noon - checks.Length * intervalSeconds * 1000L;
                var past = checks.Select((c, i) => new PastCheck(
                    first + i * intervalSeconds * 1000L, c.Item2, c.Item1, CheckKind.Scheduled, c.Item1 == Outcome.Ok)).ToList();
                var windows = new MonitorWindows(TimeSpan.FromHours(2), spec.ApdexThreshold);
                var streak = default(Streak);
                foreach (var c in past)
                {
                    windows.Record(c.Due, c.Due, c.LatencyMicros, c.Outcome, c.Kind, c.CountsInLatency);
                    streak = streak.After(c.Outcome, failures, successes);
                }
                // On and beside the moment when it has been silent for too long, or soon after the last check.
                var last = past.Count == 0 ? (long?)null : past[^1].Due;
                var now = last is { } l && silence == 0 ? l + Math.Max(3 * intervalSeconds, 60) * 1000L + beside : Noon;
                var ends = DateTimeOffset.FromUnixTimeMilliseconds(now + (14 * 24 * 60 * 60_000L) + besideCertificate);

                var verdict = HealthEvaluator.Evaluate(new HealthInput
                {
                    Spec = spec,
                    Now = now,
                    Last = last is null ? null : HealthCases.Result(past[^1].Outcome, last.Value),
                    Streak = streak,
                    Window = windows.Summarize(now),
                    Certificate = silence < 3 ? new CertificateFacts(ends, "CN=test") : null,
                });
                var window = WindowOracle.Summarize(past, now, TimeSpan.FromHours(2), spec.ApdexThreshold);
                var (health, reasons) = HealthOracle.Evaluate(
                    spec, [.. past.Select(c => c.Outcome)], last, now, window, silence < 3 ? ends : null);
                Assert.Equal(health, verdict.Health);
                Assert.Contains(verdict.Reason, reasons);
                Assert.NotEmpty(verdict.Message);
            },
            iter: 12_000);

    [Theory]
    [MemberData(nameof(HealthCases.All), MemberType = typeof(HealthCases))]
    public void Evaluate_AKnownCase_SaysWhatDecidedItsValueAndTheThreshold(string name, Health health, string reason, string message)
    {
        var verdict = HealthEvaluator.Evaluate(HealthCases.Input(name));
        Assert.Equal(new HealthVerdict(health, reason, message), verdict);
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(20, 60)]
    [InlineData(21, 63)]
    [InlineData(86_400, 259_200)]
    public void UnknownAfter_AnInterval_IsThreeOfThemOrAMinute(int interval, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), HealthEvaluator.UnknownAfter(TimeSpan.FromSeconds(interval)));
}
