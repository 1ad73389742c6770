using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Engine.Storage;
using HealthTrack.Operator.Pools;

namespace HealthTrack.Operator;

/// <summary>What the command line said.</summary>
internal sealed record OperatorOptions
{
    /// <summary>The kubeconfig; null: the cluster that this runs in, else the user's own kubeconfig.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Namespaces that are watched; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>A folder of manifests to read instead of a cluster; null for a cluster.</summary>
    public string? Monitors { get; init; }

    /// <summary>The secrets that go with <see cref="Monitors"/>.</summary>
    public string? Secrets { get; init; }

    /// <summary>Whether one of several operators is elected; null: where there can be several, that is, with a cluster and a store that they can share.</summary>
    public bool? LeaderElect { get; init; }

    /// <summary>The namespace of the Lease; null: the operator's own.</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>Where results are kept.</summary>
    public required string Storage { get; init; }

    /// <summary>How long checks are kept.</summary>
    public string Retention { get; init; } = RetentionOptions.Default;

    /// <summary>The address that the API listens on.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>The API's port.</summary>
    public int ApiPort { get; init; } = 8000;

    /// <summary>A file with the bearer token of the API.</summary>
    public string? ApiTokenFile { get; init; }

    /// <summary>Whether reads ask for no credential.</summary>
    public bool AnonymousReads { get; init; }

    /// <summary>The dashboard's ServiceAccount, <c>namespace/name</c>; null: the API believes nobody who calls for others.</summary>
    public string? DashboardServiceAccount { get; init; }

    /// <summary>The image of pools that name none.</summary>
    public string? ProbeImage { get; init; }

    /// <summary>The Secrets that the image of the workers is pulled with, of pools that name none.</summary>
    public IReadOnlyList<string> ProbePullSecrets { get; init; } = [];

    /// <summary>What the workers of pools ask for and may use at most, where a pool says nothing of it.</summary>
    public ResourcesSpec? ProbeResources { get; init; }

    /// <summary>The user that the workers of pools run as; null: the cluster chooses.</summary>
    public int? ProbeUser { get; init; } = PoolOptions.DefaultProbeUser;

    /// <summary>Where the workers of pools find the operators; null: the headless service in the operator's namespace.</summary>
    public string? LinkAddress { get; init; }

    /// <summary>The ConfigMap with the roots of the link's certificate, for the workers of pools.</summary>
    public string? LinkCaConfigMap { get; init; }

    /// <summary>The Secret with them, where no ConfigMap has them.</summary>
    public string? LinkCaSecret { get; init; }

    /// <summary>The port that workers of other processes dial; null: there are none.</summary>
    public int? LinkPort { get; init; }

    /// <summary>A file with the token of the workers.</summary>
    public string? LinkTokenFile { get; init; }

    /// <summary>The certificate of the link.</summary>
    public string? LinkTlsCert { get; init; }

    /// <summary>The key of <see cref="LinkTlsCert"/>.</summary>
    public string? LinkTlsKey { get; init; }

    /// <summary>The Redis that keeps notifications from being sent twice; null: there is none. May hold a password: never logged.</summary>
    public string? Redis { get; init; }

    /// <summary>The brokers that events are streamed to; null: there is no Kafka.</summary>
    public string? Kafka { get; init; }

    /// <summary>A file of librdkafka's properties for them; null: none are needed.</summary>
    public string? KafkaConfigFile { get; init; }

    /// <summary>A URL that is called each minute while all is well; null: there is none, or it is in a file. May hold a token: never logged.</summary>
    public string? DeadmanUrl { get; init; }

    /// <summary>Instead: a file that holds it.</summary>
    public string? DeadmanUrlFile { get; init; }

    /// <summary>Where people find the dashboard.</summary>
    public string PublicUrl { get; init; } = "http://127.0.0.1:3000";

    /// <summary>Whether a worker runs in this process.</summary>
    public bool Worker { get; init; } = true;
}
