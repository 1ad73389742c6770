using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Runtime;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Entities;

/// <summary>A ProbePool as the API server holds it. Spec and status are kept as they came, as those of <see cref="V1Alpha1ServiceMonitor"/> are.</summary>
[KubernetesEntity(Group = "sre.healthtrack.io", ApiVersion = "v1alpha1", Kind = ProbePool.KindName, PluralName = "probepools")]
internal sealed class V1Alpha1ProbePool : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Where the API server keeps them.</summary>
    public static readonly ResourceDefinition Definition = ResourceDefinition.Of<V1Alpha1ProbePool>();

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

    /// <summary>What it declares.</summary>
    /// <returns>The pool; null where something is wrong with it, which the errors say.</returns>
    public (ProbePool? Pool, IReadOnlyList<FieldError> Errors) Read()
    {
        var documents = ManifestReader.ReadAll(
            EntityManifest.Write(ProbePool.KindName, Metadata, Spec), V1Alpha1ServiceMonitor.Origin, Metadata.NamespaceProperty);
        var errors = documents.SelectMany(d => d.Errors).ToList();
        if (documents is [{ Pool: { } pool }])
            return (pool, []);
        return (null, errors.Count > 0 ? errors : [new FieldError("", "cannot be read")]);
    }

    /// <summary>The status as it came; null where there is none, or none of ours.</summary>
    public ProbePoolStatus? ReadStatus()
    {
        try
        {
            return Status?.Deserialize<ProbePoolStatus>(ServiceMonitorJson.Options);
        }
        // Somebody else wrote it: ours replaces it.
        catch (JsonException)
        {
            return null;
        }
    }
}
