using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Checkers;

/// <summary>When and why a check is made, and by whom.</summary>
/// <param name="DueTime">The due time that the result carries, ms since the Unix epoch.</param>
/// <param name="StartedAt">When it starts, ms since the Unix epoch.</param>
/// <param name="Kind">Why it is made.</param>
/// <param name="Worker">The worker that makes it.</param>
internal readonly record struct CheckMoment(long DueTime, long StartedAt, CheckKind Kind, string Worker);

/// <summary>Makes one check over one protocol. One implementation a protocol, one signature for all.</summary>
internal interface IChecker
{
    /// <summary>Makes the check within the assignment's time limit.</summary>
    /// <param name="assignment">What to check. Work that only it decides is done once and kept by its reference.</param>
    /// <param name="moment">When and why.</param>
    /// <param name="explain">Takes the way that led to the result; null where nobody asks.</param>
    /// <param name="cancellationToken">The caller gives up; the time limit is the checker's own.</param>
    /// <returns>A result, whatever the target did.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<CheckResult> CheckAsync(
        Assignment assignment, CheckMoment moment, ExplanationBuilder? explain, CancellationToken cancellationToken);

    /// <summary>The assignment is not checked any more: what is kept for it, such as its connections, is let go.</summary>
    /// <param name="assignment">By reference. None of its checks is running.</param>
    void Release(Assignment assignment);
}
