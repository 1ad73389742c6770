using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Runtime;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Entities;

/// <summary>A NotificationChannel as the API server holds it. Spec and status are kept as they came, as those of <see cref="V1Alpha1ServiceMonitor"/> are.</summary>
[KubernetesEntity(Group = "sre.healthtrack.io", ApiVersion = "v1alpha1", Kind = NotificationChannelResource.KindName, PluralName = "notificationchannels")]
internal sealed class V1Alpha1NotificationChannel : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Where the API server keeps them.</summary>
    public static readonly ResourceDefinition Definition = ResourceDefinition.Of<V1Alpha1NotificationChannel>();

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

    /// <summary>Its name as the rest of the program knows it.</summary>
    public ChannelKey Key => new(Metadata.NamespaceProperty, Metadata.Name);

    /// <summary>What it declares.</summary>
    /// <returns>The channel; null where something is wrong with it, which the errors say.</returns>
    public (NotificationChannel? Channel, IReadOnlyList<FieldError> Errors) Read()
    {
        var documents = ManifestReader.ReadAll(
            EntityManifest.Write(NotificationChannelResource.KindName, Metadata, Spec), V1Alpha1ServiceMonitor.Origin, Metadata.NamespaceProperty);
        var errors = documents.SelectMany(d => d.Errors).ToList();
        if (documents is [{ Channel: { } channel }])
            return (channel.ToChannel(), []);
        return (null, errors.Count > 0 ? errors : [new FieldError("", "cannot be read")]);
    }

    /// <summary>The status as it came; null where there is none, or none of ours.</summary>
    public NotificationChannelStatus? ReadStatus()
    {
        try
        {
            return Status?.Deserialize<NotificationChannelStatus>(ServiceMonitorJson.Options);
        }
        // Somebody else wrote it: ours replaces it.
        catch (JsonException)
        {
            return null;
        }
    }
}
