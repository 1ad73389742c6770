using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Assignments;

/// <summary>What a worker needs to check one monitor at one location.</summary>
public sealed record Assignment
{
    /// <summary>The check of a monitor at one location, with what its secrets are now.</summary>
    /// <param name="monitor">The monitor.</param>
    /// <param name="location">The pool that checks.</param>
    /// <param name="secrets">The values of all secrets that the check names.</param>
    public static Assignment Of(Monitor monitor, string location, IReadOnlyDictionary<SecretRef, string> secrets) => new()
    {
        Uid = monitor.Uid,
        Key = monitor.Key,
        Generation = monitor.Generation,
        Location = location,
        Interval = monitor.Spec.Interval,
        Timeout = monitor.Spec.Timeout,
        Check = monitor.Spec.Check,
        Secrets = secrets,
    };

    /// <summary>The monitor's UID.</summary>
    public required string Uid { get; init; }

    /// <summary>The monitor's name, for logs.</summary>
    public required MonitorKey Key { get; init; }

    /// <summary>The generation that results carry.</summary>
    public required long Generation { get; init; }

    /// <summary>The pool that the results are of.</summary>
    public required string Location { get; init; }

    /// <summary>Time between due times.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Time limit of a check.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What to do.</summary>
    public required CheckSpec Check { get; init; }

    /// <summary>
    /// The manifest that declares the monitor, as canonical JSON, for a worker in another process: it reads <see cref="Interval"/>,
    /// <see cref="Timeout"/> and <see cref="Check"/> from it. Empty where no link needs it.
    /// </summary>
    public string Manifest { get; init; } = "";

    /// <summary>The values of the secrets that <see cref="Check"/> names, all of them. Never logged.</summary>
    public IReadOnlyDictionary<SecretRef, string> Secrets { get; init; } = new Dictionary<SecretRef, string>();

    /// <summary>True while no result of this generation is known: a check is made within min(interval, 10 s), not only on the grid.</summary>
    public bool CheckSoon { get; init; }

    /// <summary>Its identity among a worker's assignments.</summary>
    public AssignmentId Id => new(Uid, Location);
}

/// <summary>What identifies an assignment.</summary>
/// <param name="Uid">The monitor's UID.</param>
/// <param name="Location">The pool.</param>
public readonly record struct AssignmentId(string Uid, string Location);
