namespace HealthTrack.Core.Monitors;

/// <summary>The desired state of one monitor: what to check, how often, and what "well" means. Immutable.</summary>
public sealed record Monitor
{
    /// <summary>Identifies this incarnation: the resource's UID in a cluster, a UUIDv5 of namespace/name outside.</summary>
    public required string Uid { get; init; }

    /// <summary>Namespace and name.</summary>
    public required MonitorKey Key { get; init; }

    /// <summary>Counts the changes of the spec, from 1. A result carries the generation it was made under.</summary>
    public required long Generation { get; init; }

    /// <summary>What people call it; the name where nothing else was given.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The resource's labels; never null.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The validated spec with all defaults filled in.</summary>
    public required MonitorSpec Spec { get; init; }
}
