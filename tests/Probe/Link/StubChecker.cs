using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Probe.Checkers;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>A checker whose checks end well, when the test says.</summary>
internal sealed class StubChecker : IChecker
{
    public TaskCompletionSource? Gate { get; set; }

    public async ValueTask<CheckResult> CheckAsync(
        Assignment assignment, CheckMoment moment, ExplanationBuilder? explain, CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
            await gate.Task.WaitAsync(cancellationToken);
        return new CheckResult
        {
            Uid = assignment.Uid,
            Location = assignment.Location,
            Worker = moment.Worker,
            Generation = assignment.Generation,
            DueTime = moment.DueTime,
            StartedAt = moment.StartedAt,
            Kind = moment.Kind,
            Outcome = Outcome.Ok,
            LatencyMicros = 1,
            CountsInLatency = true,
        };
    }

    public void Release(Assignment assignment)
    {
    }
}
