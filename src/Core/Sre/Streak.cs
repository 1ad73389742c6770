using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>
/// The consecutive checks that health turns on. Unhealthy begins after <c>failureThreshold</c> consecutive error or down and ends after
/// <c>successThreshold</c> consecutive others.
/// </summary>
/// <param name="Unhealthy">Whether it has begun and not ended.</param>
/// <param name="Failures">Error or down checks up to now, consecutive.</param>
/// <param name="Others">Other checks up to now, consecutive.</param>
/// <param name="Warnings">Warn checks up to now, consecutive.</param>
/// <param name="Passed">Whether any check was no error and not down.</param>
/// <param name="Recovered">Whether the others are those that ended Unhealthy.</param>
public readonly record struct Streak(bool Unhealthy, int Failures, int Others, int Warnings, bool Passed, bool Recovered = false)
{
    /// <summary>The streak after one more check.</summary>
    public Streak After(Outcome outcome, int failureThreshold, int successThreshold)
    {
        if (outcome is Outcome.Error or Outcome.Down)
            return new Streak(Unhealthy || Failures + 1 >= failureThreshold, Failures + 1, 0, 0, Passed);
        var unhealthy = Unhealthy && Others + 1 < successThreshold;
        return new Streak(unhealthy, 0, Others + 1, outcome == Outcome.Warn ? Warnings + 1 : 0, Passed: true, Recovered || (Unhealthy && !unhealthy));
    }
}
