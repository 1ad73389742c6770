using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe.Checkers;

/// <summary>The checker of each protocol, as one checker: the place where a new protocol is added.</summary>
internal sealed class AnyChecker(HttpChecker http) : IChecker
{
    public ValueTask<CheckResult> CheckAsync(
        Assignment assignment, CheckMoment moment, ExplanationBuilder? explain, CancellationToken cancellationToken) =>
        assignment.Check switch
        {
            HttpCheck => http.CheckAsync(assignment, moment, explain, cancellationToken),
            // The validator lets no other kind through, so this is a newer control plane than this worker.
            var other => ValueTask.FromResult(new CheckResult
            {
                Uid = assignment.Uid,
                Location = assignment.Location,
                Worker = moment.Worker,
                Generation = assignment.Generation,
                DueTime = moment.DueTime,
                StartedAt = moment.StartedAt,
                Kind = moment.Kind,
                Outcome = Outcome.Down,
                LatencyMicros = 0,
                CountsInLatency = false,
                Message = $"this worker cannot make checks of kind {OneLine.Of(other.Kind, 40)}",
            }),
        };

    public void Release(Assignment assignment) => http.Release(assignment);
}

/// <summary>Runs one check once and explains it.</summary>
internal sealed class CheckRunner(IChecker checker, IOptions<ProbeOptions> options, TimeProvider time) : ICheckRunner
{
    public async Task<ExplainedResult> RunAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var explain = new ExplanationBuilder();
        var moment = new CheckMoment(now, now, CheckKind.Manual, options.Value.WorkerId);
        // A copy, as what is kept is kept by reference: the caller's own may be in use by a scheduler.
        var once = assignment with { };
        try
        {
            return explain.Build(await checker.CheckAsync(once, moment, explain, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            checker.Release(once);
        }
    }
}
