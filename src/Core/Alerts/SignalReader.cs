using System.Globalization;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Alerts;

/// <summary>What signals are read from: one monitor at one instant.</summary>
public readonly record struct SignalInput
{
    /// <summary>The spec in force.</summary>
    public required MonitorSpec Spec { get; init; }

    /// <summary>Its health.</summary>
    public required HealthVerdict Verdict { get; init; }

    /// <summary>The streak of its checks; of its rounds, where several locations check.</summary>
    public required Streak Streak { get; init; }

    /// <summary>The metrics window now.</summary>
    public required WindowSummary Window { get; init; }

    /// <summary>The certificate that the target showed last; null without TLS.</summary>
    public CertificateEnd? Certificate { get; init; }

    /// <summary>For how long who reads the signals has been there to hear of results; null: for longer than matters.</summary>
    public TimeSpan? Listening { get; init; }
}

/// <summary>When a certificate ends, and whether that is too soon.</summary>
/// <param name="NotAfter">When.</param>
/// <param name="Soon">Sooner than the check asks for.</param>
/// <param name="Over">In the past.</param>
public readonly record struct CertificateEnd(DateTimeOffset NotAfter, bool Soon, bool Over);

/// <summary>Reads the signals of a monitor. Pure.</summary>
public static class SignalReader
{
    /// <summary>The signals that this version reads.</summary>
    public static IReadOnlyList<AlertSignal> Read { get; } =
        [AlertSignal.Down, AlertSignal.Latency, AlertSignal.ErrorRate, AlertSignal.Apdex, AlertSignal.Certificate, AlertSignal.NoData];

    /// <summary>How long nothing must be wrong before an alert of a signal is over: metrics waver around their thresholds, health does not.</summary>
    public static TimeSpan ClearFor(AlertSignal signal) =>
        signal is AlertSignal.Latency or AlertSignal.ErrorRate or AlertSignal.Apdex ? TimeSpan.FromMinutes(1) : TimeSpan.Zero;

    /// <summary>What a signal says now.</summary>
    public static SignalReading Of(AlertSignal signal, in SignalInput input)
    {
        if (input.Verdict.Health == Health.Suspended)
            return new() { Signal = signal, State = SignalState.Off, Reason = HealthReasons.Suspended, Message = input.Verdict.Message };
        // One outage is one alert: while it is told that the target is down, nobody needs to hear what that does to the numbers.
        if (ClearFor(signal) > TimeSpan.Zero && input.Verdict.Health == Health.Unhealthy && input.Spec.Alerts.Signals.Contains(AlertSignal.Down))
            return new() { Signal = signal, State = SignalState.Unknown, Reason = "", Message = "" };
        return signal switch
        {
            AlertSignal.Down => Down(input),
            AlertSignal.NoData => NoData(input),
            AlertSignal.Certificate => Certificate(input),
            AlertSignal.Latency => Metric(signal, HealthReasons.LatencyHigh, "The latency is inside its thresholds.", input),
            AlertSignal.ErrorRate => Metric(signal, HealthReasons.ErrorRateHigh, "The error rate is inside its thresholds.", input),
            AlertSignal.Apdex => Metric(signal, HealthReasons.ApdexLow, "The Apdex score is inside its thresholds.", input),
            _ => new() { Signal = signal, State = SignalState.Unknown, Reason = "", Message = "" },
        };
    }

    private static SignalReading Down(in SignalInput input) => new()
    {
        Signal = AlertSignal.Down,
        State = input.Verdict.Health switch
        {
            Health.Unhealthy => SignalState.Wrong,
            Health.Unknown => SignalState.Unknown,
            _ => SignalState.Well,
        },
        Severity = AlertSeverity.Critical,
        Reason = input.Verdict.Reason,
        Message = input.Verdict.Message,
    };

    private static SignalReading NoData(in SignalInput input) => new()
    {
        Signal = AlertSignal.NoData,
        // A monitor that waits for its first check, or that is wrong, has its conditions to say so.
        // What fails is checked. Silence from before this process was there to listen is its own.
        State = input.Verdict.Health != Health.Unknown || input.Verdict.Reason == HealthReasons.AwaitingFirstPass ? SignalState.Well
            : input.Verdict.Reason == HealthReasons.NoRecentResult && !(input.Listening <= HealthEvaluator.UnknownAfter(input.Spec.Interval)) ? SignalState.Wrong
            : SignalState.Unknown,
        Severity = AlertSeverity.Critical,
        Reason = input.Verdict.Reason,
        Message = input.Verdict.Message,
    };

    private static SignalReading Certificate(in SignalInput input)
    {
        if (input.Certificate is not { } certificate)
            return new() { Signal = AlertSignal.Certificate, State = SignalState.Unknown, Reason = "", Message = "" };
        var day = certificate.NotAfter.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return new()
        {
            Signal = AlertSignal.Certificate,
            State = certificate.Soon || certificate.Over ? SignalState.Wrong : SignalState.Well,
            Severity = certificate.Over ? AlertSeverity.Critical : AlertSeverity.Warning,
            Reason = HealthReasons.CertificateExpiring,
            Message = certificate.Over ? $"The certificate ended on {day}." : $"The certificate ends on {day}.",
        };
    }

    private static SignalReading Metric(AlertSignal signal, string reason, string well, in SignalInput input)
    {
        RatedMetric? worst = null;
        var rated = false;
        foreach (var metric in MetricLevels.Rated(input.Spec.Thresholds, input.Window))
        {
            if (metric.Reason != reason || metric.Samples < HealthEvaluator.MinSamples || metric.Level == MetricLevel.None)
                continue;
            rated = true;
            if (metric.Level != MetricLevel.Good && (worst is null || metric.Level > worst.Value.Level))
                worst = metric;
        }
        if (worst is not { } found)
            return new() { Signal = signal, State = rated ? SignalState.Well : SignalState.Unknown, Reason = HealthReasons.ChecksPassing, Message = well };
        if (IsOfFailures(found, input) && OfThePast(input) is { } state)
            return new() { Signal = signal, State = state, Reason = HealthReasons.ChecksPassing, Message = "The failures are over." };
        var critical = found.Level == MetricLevel.Critical;
        return new()
        {
            Signal = signal,
            State = SignalState.Wrong,
            Severity = critical ? AlertSeverity.Critical : AlertSeverity.Warning,
            Reason = reason,
            Message = HealthEvaluator.SayMetric(found, critical),
        };
    }

    // Whether a metric would be inside its thresholds but for the checks that failed.
    private static bool IsOfFailures(in RatedMetric metric, in SignalInput input) => metric.Reason switch
    {
        HealthReasons.ErrorRateHigh => true,
        HealthReasons.ApdexLow => input.Window.Good > 0 && metric.Value * input.Window.Checks / input.Window.Good >= metric.Threshold.Warning,
        _ => false,
    };

    // A window remembers for an hour what is over: an outage that was told, or one check that failed. Null: it goes on.
    private static SignalState? OfThePast(in SignalInput input)
    {
        if (input.Window.Bad < Math.Max(2, input.Spec.FailureThreshold))
            return SignalState.Well;
        if (input.Streak.Failures > 0)
            return null;
        return input.Streak.Others >= HealthEvaluator.MinSamples ? SignalState.Well : input.Streak.Recovered ? SignalState.Unknown : null;
    }
}
