using HealthTrack.Core.Alerts;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Sre;

namespace HealthTrack.Core.Tests.Alerts;

public class SignalReaderTests
{
    [Fact]
    public void Of_Unhealthy_TellsOfTheOutageAndNotOfItsNumbers()
    {
        var input = Input(Health.Unhealthy, HealthReasons.ChecksFailing);
        Assert.Equal((SignalState.Wrong, AlertSeverity.Critical, "it says why"), Of(AlertSignal.Down, input) is var down ? (down.State, down.Severity, down.Message) : default);
        foreach (var signal in new[] { AlertSignal.Latency, AlertSignal.ErrorRate, AlertSignal.Apdex })
            Assert.Equal(SignalState.Unknown, Of(signal, input).State);
        Assert.Equal(SignalState.Well, Of(AlertSignal.NoData, input).State);
    }

    [Fact]
    public void Of_UnhealthyWhereNobodyIsToldOfThat_TellsOfTheNumbers()
    {
        var spec = HealthCases.Spec with { Alerts = HealthCases.Spec.Alerts with { Signals = new HashSet<AlertSignal> { AlertSignal.ErrorRate } } };
        var reading = Of(AlertSignal.ErrorRate, Input(Health.Unhealthy, HealthReasons.ChecksFailing) with { Spec = spec });
        Assert.Equal((SignalState.Wrong, AlertSeverity.Critical), (reading.State, reading.Severity));
    }

    [Theory]
    [InlineData(1, 0, false, SignalState.Wrong)] // it has just failed
    [InlineData(0, 9, false, SignalState.Wrong)] // now and then
    [InlineData(0, 9, true, SignalState.Unknown)] // an outage has just ended
    [InlineData(1, 0, true, SignalState.Wrong)] // and fails again
    [InlineData(0, 10, true, SignalState.Well)]
    [InlineData(0, 10, false, SignalState.Well)]
    public void Of_FailuresInTheWindow_AreToldWhileTheyGoOn(int failures, int others, bool recovered, SignalState expected)
    {
        var input = Input(Health.Degraded, HealthReasons.ErrorRateHigh) with { Streak = new Streak(false, failures, others, 0, true, recovered) };
        Assert.Equal(SignalState.Well, Of(AlertSignal.Down, input).State);
        Assert.Equal(expected, Of(AlertSignal.ErrorRate, input).State);
        Assert.Equal(expected, Of(AlertSignal.Apdex, input).State);
    }

    [Fact]
    public void Of_OneFailureOfFew_IsNoTrend()
    {
        var input = Input(Health.Degraded, HealthReasons.ErrorRateHigh) with
        {
            Window = HealthCases.HalfFailed with { Good = 13, Bad = 1 }, Streak = new Streak(false, 1, 0, 0, true),
        };
        Assert.Equal(SignalState.Well, Of(AlertSignal.ErrorRate, input).State);
    }

    [Fact]
    public void Of_SlowChecksThatAllPass_AreToldHoweverMany()
    {
        var input = Input(Health.Degraded, HealthReasons.ApdexLow) with
        {
            Window = HealthCases.HalfFailed with { Good = 100, Bad = 0, LatencySamples = 100, Apdex = 0.5 }, Streak = new Streak(false, 0, 100, 0, true),
        };
        Assert.Equal(SignalState.Wrong, Of(AlertSignal.Apdex, input).State);
    }

    [Theory]
    [InlineData(HealthReasons.NoRecentResult, SignalState.Wrong)]
    [InlineData(HealthReasons.AwaitingFirstCheck, SignalState.Unknown)]
    [InlineData(HealthReasons.AwaitingFirstPass, SignalState.Well)]
    public void Of_Unknown_IsNoDataWhereThereWasSome(string reason, SignalState expected)
    {
        var input = Input(Health.Unknown, reason);
        Assert.Equal(expected, Of(AlertSignal.NoData, input).State);
        Assert.Equal(SignalState.Unknown, Of(AlertSignal.Down, input).State);
    }

    [Theory]
    [InlineData(1, SignalState.Unknown)]
    [InlineData(60, SignalState.Unknown)]
    [InlineData(61, SignalState.Wrong)]
    public void Of_SilenceFromBeforeTheStart_IsNoDataOnceNothingCameSince(int listening, SignalState expected)
    {
        var input = Input(Health.Unknown, HealthReasons.NoRecentResult) with
        {
            Spec = HealthCases.Spec with { Interval = TimeSpan.FromSeconds(10) }, Listening = TimeSpan.FromSeconds(listening),
        };
        Assert.Equal(expected, Of(AlertSignal.NoData, input).State);
    }

    [Fact]
    public void Of_Suspended_EndsAll() =>
        Assert.All(SignalReader.Read, signal => Assert.Equal(SignalState.Off, Of(signal, Input(Health.Suspended, HealthReasons.Suspended)).State));

    private static SignalReading Of(AlertSignal signal, in SignalInput input) => SignalReader.Of(signal, input);

    private static SignalInput Input(Health health, string reason) => new()
    {
        Spec = HealthCases.Spec,
        Verdict = new HealthVerdict(health, reason, "it says why"),
        Window = HealthCases.HalfFailed,
        Streak = new Streak(health == Health.Unhealthy, 3, 0, 0, true),
    };
}
