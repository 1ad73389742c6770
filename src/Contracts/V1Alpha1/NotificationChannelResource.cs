using System.Text.Json.Serialization;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// The custom resource <c>sre.healthtrack.io/v1alpha1, NotificationChannel</c>: fields, defaults and bounds are those of the schema in <c>config/crd</c>, which a
/// test holds against these records.
/// </summary>
public sealed record NotificationChannelResource
{
    /// <summary>The kind.</summary>
    public const string KindName = "NotificationChannel";

    /// <summary>Always <see cref="ServiceMonitor.GroupVersion"/>.</summary>
    [JsonPropertyOrder(-2)]
    public string ApiVersion { get; init; } = ServiceMonitor.GroupVersion;

    /// <summary>Always <see cref="KindName"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Kind { get; init; } = KindName;

    /// <summary>Name, namespace, labels and annotations.</summary>
    public required ObjectMetadata Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    public required NotificationChannelSpec Spec { get; init; }

    /// <summary>What is known; written by the operator only.</summary>
    public NotificationChannelStatus? Status { get; init; }

    /// <summary>The channel of the domain, with every default resolved.</summary>
    public NotificationChannel ToChannel() => new()
    {
        Key = new ChannelKey(Metadata.Namespace ?? ManifestReader.DefaultNamespace, Metadata.Name),
        Type = Spec.Type,
        Address = new SecretRef(Spec.SecretRef.Name, Spec.SecretRef.Key ?? "url"),
        MinSeverity = Spec.MinSeverity is { } least ? AlertNames.Severity(least) : AlertSeverity.Warning,
        SendResolved = Spec.SendResolved ?? true,
        IsDefault = Spec.Default ?? false,
    };
}

/// <summary>Who is told, and of what.</summary>
public sealed record NotificationChannelSpec
{
    /// <summary>Kind of receiver.</summary>
    public required string Type { get; init; }

    /// <summary>Where the receiver's address is found, which is a secret.</summary>
    public required DefaultKeySecretRef SecretRef { get; init; }

    /// <summary>Alerts below this are not told here.</summary>
    public string? MinSeverity { get; init; }

    /// <summary>Whether the end of an alert is told.</summary>
    public bool? SendResolved { get; init; }

    /// <summary>Whether it serves monitors that name no channel.</summary>
    public bool? Default { get; init; }
}

/// <summary>How a channel is; written by the operator.</summary>
public sealed record NotificationChannelStatus
{
    /// <summary>The generation of the spec that the status speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The last time that it was told, or that was tried.</summary>
    public DeliveryStatus? LastDelivery { get; init; }

    /// <summary>Ready and, only while true, Stalled.</summary>
    public IReadOnlyList<ConditionStatus>? Conditions { get; init; }
}

/// <summary>One delivery.</summary>
public sealed record DeliveryStatus
{
    /// <summary>When.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>What went wrong; empty where it arrived.</summary>
    public string? Error { get; init; }
}
