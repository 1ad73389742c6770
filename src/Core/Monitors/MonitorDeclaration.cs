namespace HealthTrack.Core.Monitors;

/// <summary>What a source says of one monitor at one moment: a spec that is valid, or what is wrong with it.</summary>
public sealed record MonitorDeclaration
{
    /// <summary>Namespace and name.</summary>
    public required MonitorKey Key { get; init; }

    /// <summary>The incarnation: see <see cref="Monitor.Uid"/>.</summary>
    public required string Uid { get; init; }

    /// <summary>The valid monitor; null where <see cref="Errors"/> has entries. Its generation counts only where the source keeps one (<see cref="HasGeneration"/>).</summary>
    public Monitor? Monitor { get; init; }

    /// <summary>True where the source counts generations itself, as Kubernetes does; false: the intake counts changes of <see cref="Manifest"/>.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>The source's own generation of what was read, right or wrong; null where it counts none.</summary>
    public long? Generation { get; init; }

    /// <summary>What is wrong; empty where <see cref="Monitor"/> is set.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Paths of fields that are set to something this version does not act on.</summary>
    public IReadOnlyList<string> NotSupported { get; init; } = [];

    /// <summary>The manifest as canonical JSON, without status and the cluster's own metadata. Equal text means an equal monitor; empty where it could not be read.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>Where the declaration was found, for messages: a file's name, or <c>kubernetes</c>.</summary>
    public string Origin { get; init; } = "";
}
