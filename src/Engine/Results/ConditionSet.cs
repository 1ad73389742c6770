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

/// <summary>
/// The conditions of one monitor: Ready (it operates), Healthy (the target is well) and, only while true, Stalled (the spec is wrong).
/// Their transition times move with the status alone.
/// </summary>
internal sealed class ConditionSet
{
    public const string Ready = "Ready";
    public const string Healthy = "Healthy";
    public const string Stalled = "Stalled";

    // Thousands of monitors have the same to say.
    private static readonly RepeatedTexts Texts = new();

    private const string True = "True";
    private const string False = "False";
    private const string Unknown = "Unknown";

    /// <summary>The conditions now; the list is replaced, never changed.</summary>
    public IReadOnlyList<MonitorCondition> All { get; private set; } = [];

    /// <summary>Derives the conditions anew.</summary>
    public void Update(
        MonitorDeclaration declaration, bool inForce, SecretProblem? secrets, string? missingPools, PlacementProblem? placement, HealthVerdict verdict, long now)
    {
        var before = All;
        var all = new List<MonitorCondition>(3)
        {
            ReadyCondition(declaration, inForce, secrets, missingPools, placement) with { Since = now },
            new(Healthy, HealthyStatus(verdict.Health), verdict.Reason, verdict.Message, now),
        };
        if (declaration.Errors.Count > 0)
            all.Add(new(Stalled, True, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce), now));
        for (var i = 0; i < all.Count; i++)
        {
            var old = before.FirstOrDefault(c => c.Type == all[i].Type);
            if (old is not null && old.Status == all[i].Status)
                all[i] = old == all[i] with { Since = old.Since } ? old : all[i] with { Since = old.Since };
        }
        if (!all.SequenceEqual(before))
            All = all.ToArray();
    }

    /// <summary>The health of a monitor of which no valid spec was ever seen, or that cannot be checked by this version.</summary>
    public static HealthVerdict WithoutMonitor(MonitorDeclaration declaration) => declaration.Errors.Count > 0
        ? new(Health.Unknown, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce: false))
        : new(Health.Unknown, HealthReasons.NotSupported, $"This version does not check {string.Join(", ", declaration.NotSupported)}.");

    /// <summary>What is said of pools that do not exist.</summary>
    public static string PoolMessage(string names) => $"No check is made from pool {names}: there is no such ProbePool in the operator's namespace.";

    private static MonitorCondition ReadyCondition(
        MonitorDeclaration declaration, bool inForce, SecretProblem? secrets, string? missingPools, PlacementProblem? placement)
    {
        if (declaration.Errors.Count > 0)
            return new(Ready, False, HealthReasons.InvalidSpec, ErrorMessage(declaration, inForce), 0);
        if (!inForce)
            return new(Ready, False, HealthReasons.NotSupported, WithoutMonitor(declaration).Message, 0);
        if (secrets is not null)
            return new(Ready, False, secrets.Reason, secrets.Message, 0);
        if (missingPools is not null)
            return new(Ready, False, HealthReasons.PoolNotFound, PoolMessage(missingPools), 0);
        if (placement is not null)
            return new(Ready, placement.Ready ? True : False, placement.Reason, placement.Message, 0);
        return declaration.NotSupported.Count > 0
            ? new(Ready, True, HealthReasons.NotSupported,
                Texts.One($"The monitor operates, but this version does not act on {string.Join(", ", declaration.NotSupported)}."), 0)
            : new(Ready, True, HealthReasons.Operating, "The monitor operates.", 0);
    }

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
}
