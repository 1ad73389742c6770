using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>How one location sees a monitor's target.</summary>
public sealed class LocationTrack(string pool)
{
    private Streak _streak;

    /// <summary>The pool.</summary>
    public string Pool => pool;

    /// <summary>Its newest result; null where none is known as a whole.</summary>
    public CheckResult? Last { get; private set; }

    /// <summary>When its newest check was due, ms since the Unix epoch; null where there was none.</summary>
    public long? LastDue { get; private set; }

    /// <summary>Whether it has lost its own network: its votes do not count.</summary>
    public bool IsBlind { get; internal set; }

    /// <summary>How its newest check ended; null where there was none.</summary>
    public Outcome? LastOutcome { get; private set; }

    /// <summary>Whether its newest check failed.</summary>
    public bool Fails => LastOutcome is Outcome.Error or Outcome.Down;

    /// <summary>Health as seen from there.</summary>
    /// <param name="rules">Of the monitor.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    public Health HealthAt(RoundRules rules, long now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (LastDue is not { } last || now - last > rules.LiveFor.TotalMilliseconds)
            return Health.Unknown;
        return _streak.Unhealthy ? Health.Unhealthy : _streak.Warnings >= rules.FailureThreshold ? Health.Degraded : Health.Healthy;
    }

    internal void Take(CheckResult result, RoundRules rules)
    {
        if (Remember(result.DueTime, result.Outcome, rules))
            Last = result;
    }

    /// <summary>Its newest result as a whole, where the store has it.</summary>
    internal void Recall(CheckResult result)
    {
        if (result.DueTime == LastDue)
            Last = result;
    }

    internal bool Remember(long dueTime, Outcome outcome, RoundRules rules)
    {
        if (dueTime < LastDue)
            return false;
        (LastDue, LastOutcome) = (dueTime, outcome);
        _streak = _streak.After(outcome, rules.FailureThreshold, rules.SuccessThreshold);
        return true;
    }
}
