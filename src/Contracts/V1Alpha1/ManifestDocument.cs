using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>One document of a manifest as <see cref="ManifestReader"/> found it: a valid resource, or what is wrong with it.</summary>
public sealed record ManifestDocument
{
    /// <summary>Where the text came from, as given to the reader.</summary>
    public required string Origin { get; init; }

    /// <summary>The line that the document begins in, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>
    /// True where the document says that it is some other resource (a Secret, another group's ServiceMonitor): it is refused, but its name is not
    /// the name of a monitor.
    /// </summary>
    public bool IsForeign { get; init; }

    /// <summary><c>metadata.name</c>; null where there is none or it is no RFC 1123 subdomain.</summary>
    public string? Name { get; init; }

    /// <summary><c>metadata.namespace</c>, or the default one; null where it is no RFC 1123 label.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which of HealthTrack's kinds it is, right or wrong; null where it is none that was asked for, or cannot be read.</summary>
    public string? Kind { get; init; }

    /// <summary>The resource with the defaults of the schema filled in; null where <see cref="Errors"/> has entries.</summary>
    public object? Resource { get; init; }

    /// <summary>The monitor; null where it is none, or <see cref="Errors"/> has entries.</summary>
    public ServiceMonitor? Monitor => Resource as ServiceMonitor;

    /// <summary>The pool; null where it is none, or <see cref="Errors"/> has entries.</summary>
    public ProbePool? Pool => Resource as ProbePool;

    /// <summary>The channel; null where it is none, or <see cref="Errors"/> has entries.</summary>
    public NotificationChannelResource? Channel => Resource as NotificationChannelResource;

    /// <summary>Everything wrong with the document, by line; YAML's lines are named in the sentences.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>
    /// The manifest as canonical JSON: name, namespace, labels, annotations and spec as written, nothing else, fields in the order of the
    /// schema. Empty where the document is of no kind that was asked for, or could not be read.
    /// </summary>
    public string Manifest { get; init; } = "";

    /// <summary>Namespace and name; null where one of them is.</summary>
    public MonitorKey? Key => Name is not null && Namespace is not null ? new MonitorKey(Namespace, Name) : null;
}
