using System.Globalization;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Status;
using k8s.Models;

namespace HealthTrack.Operator.Pools;

/// <summary>What is known of a pool when its status is written.</summary>
/// <param name="Entity">The resource.</param>
/// <param name="Spec">Its spec; null where that is wrong.</param>
/// <param name="Problem">What somebody has to mend, with its reason; null where nothing.</param>
/// <param name="InProcess">Whether the operator checks by itself.</param>
/// <param name="Deployment">Its Deployment; null where there is none.</param>
/// <param name="Workers">The workers that are connected.</param>
/// <param name="Monitors">How many monitors name it.</param>
internal sealed record PoolFacts(
    V1Alpha1ProbePool Entity, ProbePoolSpec? Spec, PoolProblem? Problem, bool InProcess, V1Deployment? Deployment, IReadOnlyList<PoolWorker> Workers, int Monitors);

/// <summary>What somebody has to mend.</summary>
/// <param name="Reason">One of <see cref="PoolConditions"/>.</param>
/// <param name="Message">For people.</param>
internal sealed record PoolProblem(string Reason, string Message);

/// <summary>A worker that is connected.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">The version of its program.</param>
/// <param name="Load">Its load, 1 is full; null where it does not say.</param>
internal sealed record PoolWorker(string Id, string Version, double? Load = null);

/// <summary>The status of a pool: a pure function, within the bounds of the schema. Every number that is known is always written.</summary>
internal static class PoolStatusBuilder
{
    private const int MostWorkers = 100;
    private const int LongestText = 253;
    private const int LongestMessage = 32768;

    /// <summary>Builds it.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="version">The operator's own version.</param>
    /// <param name="now">The present.</param>
    public static ProbePoolStatus Build(PoolFacts facts, string version, DateTimeOffset now)
    {
        var runs = facts.Deployment?.Status;
        return new ProbePoolStatus
        {
            ObservedGeneration = facts.Entity.Metadata.Generation ?? 0,
            Replicas = facts.Deployment?.Spec?.Replicas ?? 0,
            ReadyReplicas = runs?.ReadyReplicas ?? 0,
            ConnectedWorkers = facts.Workers.Count,
            Load = Load(facts.Workers.Max(w => w.Load), facts.Entity.ReadStatus()?.Load),
            Version = Versions(facts.Workers),
            Workers =
            [
                .. facts.Workers.OrderBy(w => w.Id, StringComparer.Ordinal).Take(MostWorkers).Select(w => new PoolWorkerStatus
                {
                    Id = StatusText.Fit(w.Id, LongestText)!,
                    Version = StatusText.Fit(w.Version, LongestText),
                    State = w.Version == version ? "Connected" : "VersionSkew",
                }),
            ],
            Monitors = facts.Monitors,
            Conditions = [.. Conditions(facts).Select(c => Condition(c, facts.Entity, now))],
        };
    }

    // A tenth up or down is worth a write, and a value that goes to and fro between two tenths is not.
    private static string? Load(double? load, string? written) =>
        load is { } now && double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var before) && Math.Abs(now - before) < 0.08
            ? written
            : load?.ToString("F1", CultureInfo.InvariantCulture);

    private static string? Versions(IReadOnlyList<PoolWorker> workers) => workers.Count == 0
        ? null
        : StatusText.Fit(string.Join(", ", workers.Select(w => w.Version).Distinct().Order(StringComparer.Ordinal)), LongestText);

    private static IEnumerable<(string Type, bool Holds, string Reason, string Message)> Conditions(PoolFacts facts)
    {
        var (holds, reason, message) = Ready(facts);
        yield return (PoolConditions.Ready, holds, reason, message);
        if (facts.Problem is { } problem)
            yield return (PoolConditions.Stalled, true, problem.Reason, problem.Message);
        else if (Rollout(facts.Deployment) is { } rollout)
            yield return (PoolConditions.Reconciling, true, PoolConditions.RollingOut, rollout);
    }

    private static (bool Holds, string Reason, string Message) Ready(PoolFacts facts)
    {
        var name = facts.Entity.Metadata.Name;
        if (facts.Problem is { } problem)
            return (false, problem.Reason, problem.Message);
        if (facts.InProcess && name == ProbePool.DefaultName)
            return (true, PoolConditions.InProcess, "The operator itself checks for this pool (--worker in-process): it runs no workers.");
        if (facts.Workers.Count > 0)
            return (true, PoolConditions.WorkersConnected, Text($"{facts.Workers.Count} {(facts.Workers.Count == 1 ? "worker is" : "workers are")} connected."));
        if (facts.Spec?.External is not null)
            return (false, PoolConditions.NoWorker, "No worker is connected: start one with --pool and the token of the pool's Secret.");
        if (facts.InProcess)
            return (false, PoolConditions.InProcess, "The operator runs with --worker in-process: it runs no workers, and itself checks for the pool default alone.");
        return (false, PoolConditions.NoWorker, facts.Deployment?.Spec?.Replicas == 0
            ? "No worker is connected: the pool is scaled to 0."
            : "No worker is connected: the Deployment and the logs of its pods say why.");
    }

    // As kubectl rollout status has it.
    private static string? Rollout(V1Deployment? deployment)
    {
        if (deployment is null)
            return null;
        var wanted = deployment.Spec.Replicas ?? 1;
        var status = deployment.Status;
        var updated = status?.UpdatedReplicas ?? 0;
        var available = status?.AvailableReplicas ?? 0;
        if ((status?.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
            return "The Deployment has changed and is being looked at.";
        return updated < wanted || available < wanted || (status?.Replicas ?? 0) > updated
            ? Text($"{updated} of {wanted} workers are of the newest form, {available} are available.")
            : null;
    }

    private static ConditionStatus Condition((string Type, bool Holds, string Reason, string Message) condition, V1Alpha1ProbePool entity, DateTimeOffset now)
    {
        var status = condition.Holds ? "True" : "False";
        var before = entity.ReadStatus()?.Conditions?.FirstOrDefault(c => c.Type == condition.Type);
        return new ConditionStatus
        {
            Type = condition.Type,
            Status = status,
            ObservedGeneration = entity.Metadata.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
            Reason = condition.Reason,
            Message = StatusText.Fit(condition.Message, LongestMessage)!,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
