using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// The custom resource <c>sre.healthtrack.io/v1alpha1, ServiceMonitor</c>: fields, defaults and bounds are those of the schema in
/// <c>config/crd</c>, which a test holds against these records. Durations are texts that <see cref="Durations"/> reads.
/// </summary>
public sealed record ServiceMonitor
{
    /// <summary>The group and version.</summary>
    public const string GroupVersion = "sre.healthtrack.io/v1alpha1";

    /// <summary>The kind.</summary>
    public const string KindName = "ServiceMonitor";

    /// <summary>Always <see cref="GroupVersion"/>.</summary>
    [JsonPropertyOrder(-2)]
    public string ApiVersion { get; init; } = GroupVersion;

    /// <summary>Always <see cref="KindName"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Kind { get; init; } = KindName;

    /// <summary>Name, namespace, labels and annotations.</summary>
    public required ObjectMetadata Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    public required ServiceMonitorSpec Spec { get; init; }

    /// <summary>What is known; written by the operator only.</summary>
    public ServiceMonitorStatus? Status { get; init; }
}

/// <summary>The part of a Kubernetes object's metadata that people write.</summary>
public sealed record ObjectMetadata
{
    /// <summary>An RFC 1123 subdomain.</summary>
    public required string Name { get; init; }

    /// <summary>An RFC 1123 label; <c>default</c> where the manifest names none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
