using HealthTrack.Core.Sre;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Deadman;

/// <summary>Whether monitors are checked and their results taken in, as seen from outside the stages that do it: one that hangs says nothing itself.</summary>
internal sealed class PipelineWatch(IntakeProgress intake, PipelineMetrics pipeline, HealthSweep sweep, Fleet fleet, WorkerRoster roster)
{
    // A round of the pipeline that takes longer than this does not end by itself.
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(1);

    /// <summary>What keeps it from working, a sentence; null while it works.</summary>
    public string? Problem()
    {
        if (!intake.FirstSync.IsCompleted)
            return "The monitors are still being read.";
        if (intake.StoreProblem is not null || !pipeline.StoreUp)
            return "The store is away.";
        if (sweep.Age > LongestRound)
            return "The pipeline of the results stands still.";
        var active = fleet.All.Where(s => s.Monitor is { Spec.Suspend: false });
        if (!active.Any())
            return null;
        if (roster.Sessions.Count == 0)
            return "No worker is connected.";
        // One monitor may be Unknown for a reason of its own, all of them are not.
        return active.All(s => s.Health == Health.Unknown) ? "No monitor has a result of late." : null;
    }
}
