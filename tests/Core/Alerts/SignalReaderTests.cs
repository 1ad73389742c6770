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

    [Fact]
    public void Of_UpAgain_TellsOfTheNumbersThatAreStillPast()
    {
        var input = Input(Health.Degraded, HealthReasons.ErrorRateHigh);
        Assert.Equal(SignalState.Well, Of(AlertSignal.Down, input).State);
        Assert.Equal(SignalState.Wrong, Of(AlertSignal.ErrorRate, input).State);
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

    [Fact]
    public void Of_Suspended_EndsAll() =>
        Assert.All(SignalReader.Read, signal => Assert.Equal(SignalState.Off, Of(signal, Input(Health.Suspended, HealthReasons.Suspended)).State));

    private static SignalReading Of(AlertSignal signal, in SignalInput input) => SignalReader.Of(signal, input);

    private static SignalInput Input(Health health, string reason) => new()
    {
        Spec = HealthCases.Spec,
        Verdict = new HealthVerdict(health, reason, "it says why"),
        Window = HealthCases.HalfFailed,
    };
}
