using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// The custom resource <c>sre.healthtrack.io/v1alpha1, ProbePool</c>: fields, defaults and bounds are those of the schema in <c>config/crd</c>, which a
/// test holds against these records.
/// </summary>
public sealed record ProbePool
{
    /// <summary>The kind.</summary>
    public const string KindName = "ProbePool";

    /// <summary>The pool of monitors that name none.</summary>
    public const string DefaultName = "default";

    /// <summary>Always <see cref="ServiceMonitor.GroupVersion"/>.</summary>
    [JsonPropertyOrder(-2)]
    public string ApiVersion { get; init; } = ServiceMonitor.GroupVersion;

    /// <summary>Always <see cref="KindName"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Kind { get; init; } = KindName;

    /// <summary>Name, namespace, labels and annotations.</summary>
    public required ObjectMetadata Metadata { get; init; }

    /// <summary>What is wanted.</summary>
    public required ProbePoolSpec Spec { get; init; }

    /// <summary>What is known; written by the operator only.</summary>
    public ProbePoolStatus? Status { get; init; }
}

/// <summary>Which workers the location has.</summary>
public sealed record ProbePoolSpec
{
    /// <summary>Workers that run; null: one at first, and whatever others make of it then.</summary>
    public int? Replicas { get; init; }

    /// <summary>Image of the workers; null: the operator's default.</summary>
    public string? Image { get; init; }

    /// <summary>Secrets in the operator's namespace that the image is pulled with; null: the operator's default.</summary>
    public IReadOnlyList<SecretNameRef>? ImagePullSecrets { get; init; }

    /// <summary>What a worker asks for and may use at most; null: the operator's default.</summary>
    public ResourcesSpec? Resources { get; init; }

    /// <summary>Labels of the nodes that workers run on.</summary>
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Taints of nodes that workers run on all the same.</summary>
    public IReadOnlyList<TolerationSpec>? Tolerations { get; init; }

    /// <summary>The workers run elsewhere and dial in.</summary>
    public ExternalPoolSpec? External { get; init; }

    /// <summary>Addresses that may and may not be checked from here.</summary>
    public EgressSpec? Egress { get; init; }
}

/// <summary>What a worker asks for and may use at most; quantities by the name of the resource.</summary>
public sealed record ResourcesSpec
{
    /// <summary>What is reserved for each worker.</summary>
    public IReadOnlyDictionary<string, string>? Requests { get; init; }

    /// <summary>What each worker may use at most.</summary>
    public IReadOnlyDictionary<string, string>? Limits { get; init; }
}

/// <summary>A taint of nodes that workers run on all the same.</summary>
public sealed record TolerationSpec
{
    /// <summary>Key of the taint; null: every taint.</summary>
    public string? Key { get; init; }

    /// <summary><c>Equal</c> or <c>Exists</c>.</summary>
    public string? Operator { get; init; }

    /// <summary>Value of the taint.</summary>
    public string? Value { get; init; }

    /// <summary>Effect of the taint; null: every one.</summary>
    public string? Effect { get; init; }

    /// <summary>How long a worker stays on a node that was tainted with NoExecute; null: for ever.</summary>
    public long? TolerationSeconds { get; init; }
}

/// <summary>A pool whose workers run elsewhere.</summary>
public sealed record ExternalPoolSpec
{
    /// <summary>Secret in the operator's namespace that holds the token that the workers show.</summary>
    public required DefaultKeySecretRef TokenSecretRef { get; init; }
}

/// <summary>Ranges of addresses, as <c>10.0.0.0/8</c>.</summary>
public sealed record EgressSpec
{
    /// <summary>Ranges that may be checked although they are refused by default.</summary>
    public IReadOnlyList<string>? AllowCIDRs { get; init; }

    /// <summary>Ranges that are never checked.</summary>
    public IReadOnlyList<string>? DenyCIDRs { get; init; }
}
