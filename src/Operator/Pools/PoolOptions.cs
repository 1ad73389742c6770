using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Operator.Pools;

/// <summary>How pools are run.</summary>
internal sealed record PoolOptions
{
    /// <summary>The user that workers run as where nobody says.</summary>
    public const int DefaultProbeUser = 65532;

    /// <summary>The operator's namespace: pools count there alone.</summary>
    public required string Namespace { get; init; }

    /// <summary>Whether the operator checks by itself (--worker in-process): then it runs no workers, and every pool exists.</summary>
    public bool InProcess { get; init; }

    /// <summary>The image of pools that name none; null: each must.</summary>
    public string? ProbeImage { get; init; }

    /// <summary>The Secrets that images are pulled with, of pools that name none.</summary>
    public IReadOnlyList<string> ProbePullSecrets { get; init; } = [];

    /// <summary>What workers ask for and may use at most, of pools that say nothing of it; null: nothing.</summary>
    public ResourcesSpec? ProbeResources { get; init; }

    /// <summary>The user and the group that workers run as, and the group of their files; null: the cluster chooses.</summary>
    public int? ProbeUser { get; init; } = DefaultProbeUser;

    /// <summary>The address that workers serve their health and metrics on: all of IPv4, or <c>::</c>, all of both.</summary>
    public string Bind { get; init; } = "0.0.0.0";

    /// <summary>Where workers find the operators; null: the headless service <c>healthtrack-operator-link</c> in the operator's namespace.</summary>
    public string? LinkAddress { get; init; }

    /// <summary>The ConfigMap whose <c>ca.crt</c> has the roots of the link's certificate; null: see <see cref="LinkCaSecret"/>.</summary>
    public string? LinkCaConfigMap { get; init; }

    /// <summary>The Secret whose <c>ca.crt</c> has them, the only key of it that workers see; null too: the roots of the workers' image.</summary>
    public string? LinkCaSecret { get; init; }

    /// <summary>Whether workers are given roots.</summary>
    public bool HasLinkCa => LinkCaConfigMap is not null || LinkCaSecret is not null;

    /// <summary>The address that workers dial.</summary>
    public string Link => LinkAddress ?? $"healthtrack-operator-link.{Namespace}.svc:8001";
}
