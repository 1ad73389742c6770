using System.Net;
using HealthTrack.Engine;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Storage;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Trust;
using HealthTrack.Probe;
using k8s;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HealthTrack.Operator;

/// <summary>Runs the engine over a cluster, or a folder, with a worker in this process where that is wanted.</summary>
internal static class OperatorHost
{
    /// <summary>Runs until cancelled.</summary>
    /// <returns>0 after an orderly stop, 1 where it could not start, broke or leads no more: the reason is one sentence on standard error.</returns>
    public static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
    {
        var engineOptions = new EngineOptions
        {
            Bind = options.Bind,
            ApiPort = options.ApiPort,
            ApiTokenFile = options.ApiTokenFile,
            AnonymousReads = options.AnonymousReads,
            HostAuthority = options.Monitors is null,
            CredentialOnLoopback = KubernetesClientConfiguration.IsInCluster(),
            Storage = options.Storage,
            Retention = options.Retention,
            Redis = options.Redis,
            Kafka = options.Kafka,
            KafkaConfigFile = options.KafkaConfigFile,
            DeadmanUrl = options.DeadmanUrl,
            DeadmanUrlFile = options.DeadmanUrlFile,
            PublicUrl = new Uri(options.PublicUrl, UriKind.RelativeOrAbsolute),
            LinkPort = options.LinkPort,
            LinkTokenFile = options.LinkTokenFile,
            LinkTlsCert = options.LinkTlsCert,
            LinkTlsKey = options.LinkTlsKey,
        };
        try
        {
            PrepareFolder(options.Storage);
            await using var app = EngineApp.Build(engineOptions, Compose(options));
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            await Console.Out.WriteLineAsync($"HealthTrack's operator is running; its API is at {address}".AsMemory(), cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return EngineApp.WhyStopped(app) is { } reason ? await RefuseAsync(reason) : 0;
        }
        catch (KubeconfigException wrong)
        {
            return await RefuseAsync(wrong.Message);
        }
        catch (Exception wrong) when (EngineApp.Explain(wrong, engineOptions) is { } sentence)
        {
            return await RefuseAsync(sentence);
        }
    }

    private static Action<IServiceCollection> Compose(OperatorOptions options)
    {
        if (options is { Monitors: not null, LeaderElect: true })
            throw new KubeconfigException("--leader-elect true needs a cluster: leave it out, or leave --monitors out.");
        if (options is { Monitors: not null, Kubeconfig: not null })
            throw new KubeconfigException("--monitors runs without a cluster, and --kubeconfig names one: leave one of them out.");
        if (options.Monitors is { } folder && !Directory.Exists(folder))
            throw new KubeconfigException($"The folder of --monitors {folder} does not exist: make it, or name another.");
        if (options is { Monitors: not null, Secrets: { } secrets } && !Directory.Exists(secrets))
            throw new KubeconfigException($"The folder of --secrets {secrets} does not exist: make it, or name another.");
        var cluster = options.Monitors is null ? Clusters.Find(options.Kubeconfig) : null;
        return services =>
        {
            if (cluster is not null)
            {
                services.AddKubernetes(cluster, options.Namespaces).AddTrust(new TrustOptions
                {
                    Namespace = Clusters.OwnNamespace(cluster),
                    DashboardServiceAccount = options.DashboardServiceAccount,
                    Namespaces = options.Namespaces,
                });
                services.AddPools(Pools(cluster, options), options.Namespaces);
                if (options.LinkTokenFile is { } file)
                    services.AddSingleton<IPoolTokens>(provider => new LinkTokenFile(file, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ApiToken>>()));
                if (Elects(options))
                    services.AddLeaderElection(Election(cluster, options));
            }
            else
                services.AddDirectoryMonitors(options.Monitors!).AddDirectorySecrets(options.Secrets);
            services.AddCheckRunner();
            if (options.Worker)
                services.AddProbe(probe => probe.HandOverTimeout = TimeSpan.Zero);
        };
    }

    // A file has one process: no other could take over, and an election would only end this one while the API server is away.
    private static bool Elects(OperatorOptions options) => options.LeaderElect ?? StorageUrl.Parse(options.Storage) is PostgresStorage;

    private static PoolOptions Pools(KubernetesClientConfiguration cluster, OperatorOptions options) => new()
    {
        Namespace = Clusters.OwnNamespace(cluster),
        InProcess = options.Worker,
        ProbeImage = options.ProbeImage,
        ProbePullSecrets = options.ProbePullSecrets,
        ProbeResources = options.ProbeResources,
        ProbeUser = options.ProbeUser,
        // An operator that listens on IPv6 runs where pods may have nothing else; one on loopback says nothing of the pods.
        Bind = IPAddress.TryParse(options.Bind, out var address) && address.Equals(IPAddress.IPv6Any) ? "::" : "0.0.0.0",
        LinkAddress = options.LinkAddress,
        LinkCaConfigMap = options.LinkCaConfigMap,
        LinkCaSecret = options.LinkCaSecret,
    };

    private static LeaderElectionOptions Election(KubernetesClientConfiguration cluster, OperatorOptions options) => new()
    {
        Lease = new ResourceKey(options.LeaseNamespace ?? Clusters.OwnNamespace(cluster), "healthtrack"),
        Identity = LeaderElectionOptions.NewIdentity(),
    };

    private static void PrepareFolder(string storage)
    {
        if (storage.StartsWith("sqlite:data/", StringComparison.Ordinal))
            Directory.CreateDirectory("data");
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
}
