using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Results;

/// <summary>One condition of a monitor, as in a Kubernetes status.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One of <see cref="HealthReasons"/>.</param>
/// <param name="Message">For people.</param>
/// <param name="Since">When the status last changed, ms since the Unix epoch.</param>
internal sealed record MonitorCondition(string Type, string Status, string Reason, string Message, long Since);

/// <summary>Why no worker checks a monitor at one of its locations.</summary>
/// <param name="Reason">One of <see cref="HealthReasons"/>.</param>
/// <param name="Ready">Whether the monitor counts as operating all the same: what is missing is a worker, and none of its own doing.</param>
/// <param name="Message">For people.</param>
internal sealed record PlacementProblem(string Reason, bool Ready, string Message);

/// <summary>What a spec names and nobody declares.</summary>
/// <param name="Pools">The names of pools, as a text; null: none.</param>
/// <param name="Channels">Those of notification channels.</param>
internal readonly record struct MissingObjects(string? Pools, string? Channels);

/// <summary>
/// The conditions of one monitor: Ready (it operates), Healthy (the target is well) and, only while true, Stalled (the spec is wrong).
/// Their transition times move with the status alone.
/// </summary>
internal sealed class ConditionSet
{
    public const string Ready = "Ready";
    public const string Healthy = "Healthy";
    public const string Stalled = "Stalled";

    // Thousands of monitors have the same to say, with every check. As many entries as there are fields that this version does not act on.
    private static readonly ConcurrentDictionary<string, string> OneFieldLeftOut = new();

    private const string True = "True";
    private const string False = "False";
    private const string Unknown = "Unknown";

    // Ready, Healthy, Stalled where it is.
    private MonitorCondition[] _all = [];

    /// <summary>The conditions now; the list is replaced, never changed.</summary>
    public IReadOnlyList<MonitorCondition> All => _all;

    /// <summary>Derives the conditions anew.</summary>
    public void Update(
        MonitorDeclaration declaration, bool inForce, SecretProblem? secrets, MissingObjects missing, PlacementProblem? placement, HealthVerdict verdict, long now)
    {
        var ready = ReadyFinding(declaration, inForce, secrets, missing, placement);
        var healthy = new Finding(Healthy, HealthyStatus(verdict.Health), verdict.Reason, verdict.Message);
        Finding? stalled = declaration.Errors.Count > 0 ? new(Stalled, True, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce)) : null;
        // With every check of every monitor, and each second: where nothing changed nothing is made.
        if (_all.Length == (stalled is null ? 2 : 3) && ready.Is(_all[0]) && healthy.Is(_all[1]) && (stalled is null || stalled.Value.Is(_all[2])))
            return;
        _all = stalled is null ? [Since(ready, now), Since(healthy, now)] : [Since(ready, now), Since(healthy, now), Since(stalled.Value, now)];
    }

    private MonitorCondition Since(Finding finding, long now)
    {
        var old = Array.Find(_all, c => c.Type == finding.Type);
        if (old is not null && finding.Is(old))
            return old;
        return new(finding.Type, finding.Status, finding.Reason, finding.Message, old?.Status == finding.Status ? old.Since : now);
    }

    /// <summary>The health of a monitor of which no valid spec was ever seen, or that cannot be checked by this version.</summary>
    public static HealthVerdict WithoutMonitor(MonitorDeclaration declaration) => declaration.Errors.Count > 0
        ? new(Health.Unknown, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce: false))
        : new(Health.Unknown, HealthReasons.NotSupported, $"This version does not check {string.Join(", ", declaration.NotSupported)}.");

    /// <summary>What is said of pools that do not exist.</summary>
    public static string PoolMessage(string names) => $"No check is made from pool {names}: there is no such ProbePool in the operator's namespace.";

    private static string ChannelMessage(string names) =>
        $"Checks go on, but nobody is told through channel {names}: there is no such NotificationChannel in the monitor's namespace or in the operator's, or its spec is wrong.";

    private static Finding ReadyFinding(
        MonitorDeclaration declaration, bool inForce, SecretProblem? secrets, MissingObjects missing, PlacementProblem? placement)
    {
        if (declaration.Errors.Count > 0)
            return new(Ready, False, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce));
        if (!inForce)
            return new(Ready, False, HealthReasons.NotSupported, WithoutMonitor(declaration).Message);
        if (secrets is not null)
            return new(Ready, False, secrets.Reason, secrets.Message);
        if (missing.Pools is not null)
            return new(Ready, False, HealthReasons.PoolNotFound, PoolMessage(missing.Pools));
        if (placement is { Ready: false })
            return new(Ready, False, placement.Reason, placement.Message);
        if (missing.Channels is not null)
            return new(Ready, False, HealthReasons.ChannelNotFound, ChannelMessage(missing.Channels));
        if (placement is not null)
            return new(Ready, True, placement.Reason, placement.Message);
        return declaration.NotSupported.Count > 0
            ? new(Ready, True, HealthReasons.NotSupported,
                declaration.NotSupported is [var field] ? OneFieldLeftOut.GetOrAdd(field, LeftOut) : LeftOut(string.Join(", ", declaration.NotSupported)))
            : new(Ready, True, HealthReasons.Operating, "The monitor operates.");
    }

    private static string LeftOut(string fields) => $"The monitor operates, but this version does not act on {fields}.";

    private static string HealthyStatus(Health health) => health switch
    {
        Health.Healthy => True,
        Health.Degraded or Health.Unhealthy => False,
        _ => Unknown,
    };

    private static string ErrorMessage(MonitorDeclaration declaration, bool inForce)
    {
        var errors = string.Join("; ", declaration.Errors.Take(5));
        var more = declaration.Errors.Count > 5 ? $"; and {declaration.Errors.Count - 5} more" : "";
        var kept = inForce ? " The last valid form stays in force." : "";
        // A file is named, because it is what a person opens next; a cluster's resource is what the message stands on already.
        var place = declaration.HasGeneration ? "" : $"{declaration.Origin}: ";
        return $"{place}{errors}{more}.{kept}";
    }

    // A condition without its time.
    private readonly record struct Finding(string Type, string Status, string Reason, string Message)
    {
        public bool Is(MonitorCondition condition) =>
            Status == condition.Status && Reason == condition.Reason && Message == condition.Message && Type == condition.Type;
    }
}
