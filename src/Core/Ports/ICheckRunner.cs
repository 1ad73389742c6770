using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Ports;

/// <summary>Runs one check once and explains what happened: behind <c>healthtrack check</c> and <c>POST /checks/try</c>.</summary>
public interface ICheckRunner
{
    /// <summary>Runs it now, as kind manual, within the assignment's time limit.</summary>
    /// <returns>The result, whatever the target did.</returns>
    /// <exception cref="OperationCanceledException">Cancelled by the caller, not by the check's time limit.</exception>
    Task<ExplainedResult> RunAsync(Assignment assignment, CancellationToken cancellationToken);
}
