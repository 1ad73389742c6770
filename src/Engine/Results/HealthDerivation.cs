using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Results;

/// <summary>What the health of a monitor in force is derived from.</summary>
internal readonly ref struct HealthFacts
{
    public required Monitor Monitor { get; init; }

    public required MonitorWindows Windows { get; init; }

    /// <summary>Null where one location checks.</summary>
    public required RoundTracker? Rounds { get; init; }

    public required CheckResult? Last { get; init; }

    public required Streak Streak { get; init; }

    public required CertificateFacts? Certificate { get; init; }

    /// <summary>Why nothing is checked; null where nothing keeps it from being.</summary>
    public required SecretProblem? Secrets { get; init; }

    /// <inheritdoc cref="Secrets"/>
    public required string? MissingPools { get; init; }

    /// <inheritdoc cref="Secrets"/>
    public required PlacementProblem? Placement { get; init; }
}

/// <summary>Derives the health of a monitor: what its results say or, where there are none, why.</summary>
internal static class HealthDerivation
{
    /// <summary>The health at an instant, ms since the Unix epoch.</summary>
    public static HealthVerdict At(long now, in HealthFacts facts)
    {
        var verdict = HealthEvaluator.Evaluate(new HealthInput
        {
            Spec = facts.Monitor.Spec,
            Now = now,
            Last = facts.Rounds is null ? facts.Last : LocationViews.Telling(facts.Rounds, facts.Last),
            HeardAt = facts.Rounds?.QuorumHeardAt(),
            SeenBy = facts.Rounds is null ? null : LocationViews.SeenBy(facts.Rounds),
            Streak = facts.Streak,
            Window = facts.Windows.Summarize(now),
            Certificate = facts.Certificate,
        });
        if (verdict.Health != Health.Unknown)
            return verdict;
        if (facts.Secrets is { } secrets)
            return verdict with { Reason = secrets.Reason, Message = secrets.Message };
        if (facts.MissingPools is not null)
            return verdict with { Reason = HealthReasons.PoolNotFound, Message = ConditionSet.PoolMessage(facts.MissingPools) };
        return facts.Placement is { } problem ? verdict with { Reason = problem.Reason, Message = problem.Message } : verdict;
    }
}
