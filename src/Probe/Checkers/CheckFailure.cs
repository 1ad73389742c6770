using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Checkers;

/// <summary>Why a check ended before its answer could be judged. A value: a failing target must not cost more than a healthy one.</summary>
/// <param name="Outcome">Down without an answer, error with one that is broken.</param>
/// <param name="Message">One line without secrets.</param>
internal sealed record CheckFailure(Outcome Outcome, string Message)
{
    public static CheckFailure Down(string message) => new(Outcome.Down, message);

    public static CheckFailure Error(string message) => new(Outcome.Error, message);
}
