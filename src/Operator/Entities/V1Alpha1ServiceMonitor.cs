using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Runtime;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Entities;

/// <summary>
/// A ServiceMonitor as the API server holds it. Spec and status are kept as they came: what the server let through may still be wrong, and must be
/// explained to its owner instead of failing to be read.
/// </summary>
[KubernetesEntity(Group = "sre.healthtrack.io", ApiVersion = "v1alpha1", Kind = ServiceMonitor.KindName, PluralName = "servicemonitors")]
internal sealed class V1Alpha1ServiceMonitor : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>What declarations name as their origin.</summary>
    public const string Origin = "kubernetes";

    /// <summary>Where the API server keeps them.</summary>
    public static readonly ResourceDefinition Definition = ResourceDefinition.Of<V1Alpha1ServiceMonitor>();

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = null!;

    /// <inheritdoc/>
    public string Kind { get; set; } = null!;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = null!;

    /// <summary>The spec as it came; null where there is none.</summary>
    public JsonElement? Spec { get; set; }

    /// <summary>The status as it came; null before the first was written.</summary>
    public JsonElement? Status { get; set; }

    /// <summary>The name as the rest of the program knows it.</summary>
    public MonitorKey Key => new(Metadata.NamespaceProperty, Metadata.Name);

    /// <summary>What the resource declares: a monitor, or what is wrong with its spec.</summary>
    public MonitorDeclaration ToDeclaration()
    {
        var documents = ManifestReader.Read(EntityManifest.Write(ServiceMonitor.KindName, Metadata, Spec), Origin, Metadata.NamespaceProperty);
        var generation = Metadata.Generation ?? 1;
        if (documents is [{ Key: { } key } document] && key == Key)
            return MonitorDeclarations.From(document, Metadata.Uid, Origin, generation);
        // Too large to be read, or a name that the API server takes and we do not: it is declared all the same, with what is wrong.
        var errors = documents.SelectMany(d => d.Errors).ToList();
        return new MonitorDeclaration
        {
            Key = Key,
            Uid = Metadata.Uid,
            HasGeneration = true,
            Generation = generation,
            Origin = Origin,
            Errors = errors.Count > 0 ? errors : [new FieldError("", "cannot be read")],
        };
    }

    /// <summary>The status as it came; null where there is none, or none of ours.</summary>
    public ServiceMonitorStatus? ReadStatus()
    {
        try
        {
            return Status?.Deserialize<ServiceMonitorStatus>(ServiceMonitorJson.Options);
        }
        // Somebody else wrote it: ours replaces it.
        catch (JsonException)
        {
            return null;
        }
    }
}
