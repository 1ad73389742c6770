using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Leadership;
using HealthTrack.Operator.Controllers;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;
using HealthTrack.Operator.Trust;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator;

/// <summary>The cluster's part of the control plane, in the order that data takes.</summary>
internal static class OperatorServices
{
    private const string Component = "healthtrack";

    /// <summary>ServiceMonitors in, their status and events out; Secrets where checks need them.</summary>
    /// <param name="services">The engine's.</param>
    /// <param name="cluster">Where the API server is and who we are.</param>
    /// <param name="namespaces">What is watched; empty for all.</param>
    public static IServiceCollection AddKubernetes(
        this IServiceCollection services, KubernetesClientConfiguration cluster, IReadOnlyList<string> namespaces)
    {
        var own = Clusters.OwnNamespace(cluster);
        return services
            .AddSingleton(cluster)
            .AddSingleton<ILeaseHold, NoLeaseNeeded>()
            .AddSingleton<ControllerMetrics>()
            .AddSingleton(provider => new KubernetesApi(cluster, provider.GetRequiredService<ControllerMetrics>().Requests))
            .AddResource<V1Alpha1ServiceMonitor>()
            .AddResource<V1Secret>()
            .AddController<ServiceMonitorController, V1Alpha1ServiceMonitor>(new ControllerOptions { Namespaces = namespaces })
            .AddSingleton<IMonitorSource, KubernetesMonitorSource>()
            .AddSingleton<IMonitorWriter>(provider => new KubernetesMonitorWriter(
                provider.GetRequiredService<ResourceClient<V1Alpha1ServiceMonitor>>(),
                own))
            .AddSingleton<ISecretSource, KubernetesSecretSource>()
            .AddEvents()
            .AddStatus()
            .AddChannels(own, namespaces);
    }

    // The channels of the operator's own namespace serve all monitors.
    private static IServiceCollection AddChannels(this IServiceCollection services, string own, IReadOnlyList<string> namespaces) => services
        .AddResource<V1Alpha1NotificationChannel>()
        .AddSingleton(provider => new KubernetesChannels(
            own, () => provider.GetRequiredService<EntityControllerService<V1Alpha1NotificationChannel>>().FirstReconciled))
        .AddSingleton<IChannelDirectory>(provider => provider.GetRequiredService<KubernetesChannels>())
        .AddController<NotificationChannelController, V1Alpha1NotificationChannel>(
            new ControllerOptions { Namespaces = namespaces.Count == 0 ? [] : [.. namespaces.Append(own).Distinct()], Workers = 2 });

    /// <summary>Pools: their workers run, the tokens of those that run elsewhere, and which there are. After <see cref="AddKubernetes"/>.</summary>
    /// <param name="services">The engine's.</param>
    /// <param name="options">How they are run.</param>
    /// <param name="namespaces">What is watched for monitors; empty for all.</param>
    public static IServiceCollection AddPools(this IServiceCollection services, PoolOptions options, IReadOnlyList<string> namespaces) => services
        .AddSingleton(options)
        .AddResource<V1Alpha1ProbePool>()
        .AddSingleton<PoolDirectory>()
        .AddSingleton<IPoolDirectory>(provider => provider.GetRequiredService<PoolDirectory>())
        .AddSingleton<PoolTokens>()
        .AddSingleton<IPoolTokens>(provider => provider.GetRequiredService<PoolTokens>())
        .AddSingleton<OwnedObjects>()
        .AddController<ProbePoolController, V1Alpha1ProbePool>(
            // A pool of another namespace counts nowhere; where monitors of it are of interest, it is told so.
            new ControllerOptions { Namespaces = namespaces.Count == 0 ? [] : [.. namespaces.Append(options.Namespace).Distinct()], Workers = 4 })
        .AddLeaderStage<PoolStage>();

    /// <summary>One of several operators leads: who holds the Lease. After <see cref="AddKubernetes"/>; it takes the place of the engine's own leadership.</summary>
    public static IServiceCollection AddLeaderElection(this IServiceCollection services, LeaderElectionOptions options) => services
        .AddSingleton(options)
        .AddSingleton(provider => new LeaderElectionMetrics(provider.GetRequiredService<Prometheus.CollectorRegistry>(), options.Lease.Name))
        .AddSingleton<LeaseClient>()
        .AddSingleton<LeaderElector>()
        .AddSingleton<ILeadership>(provider => provider.GetRequiredService<LeaderElector>())
        .AddSingleton<ILeaseHold>(provider => provider.GetRequiredService<LeaderElector>());

    private static IServiceCollection AddResource<T>(this IServiceCollection services)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        services.AddSingleton(provider => new ResourceClient<T>(provider.GetRequiredService<KubernetesApi>(), ResourceDefinition.Of<T>()));

    private static IServiceCollection AddController<TController, TEntity>(this IServiceCollection services, ControllerOptions options)
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => services
        .AddSingleton<TController>()
        .AddSingleton(provider => new EntityControllerService<TEntity>(
            ResourceDefinition.Of<TEntity>(), provider.GetRequiredService<TController>(), provider.GetServices<IEntityFinalizer<TEntity>>(),
            provider.GetRequiredService<KubernetesApi>(), options, provider.GetRequiredService<ControllerMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EntityControllerService<TEntity>>>(),
            provider.GetRequiredService<ILeadership>()))
        .AddSingleton<IHostedService>(provider => provider.GetRequiredService<EntityControllerService<TEntity>>());

    private static IServiceCollection AddEvents(this IServiceCollection services) => services
        .AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubernetesApi>(), Component, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventRecorder>>(), provider.GetRequiredService<ILeaseHold>()))
        .AddSingleton(provider => new EventLane(
            provider.GetRequiredService<EventRecorder>().PublishAsync, () => provider.GetRequiredService<StatusWriter>().IsBusy,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EventLane>>()))
        .AddHostedService(provider => provider.GetRequiredService<EventLane>())
        .AddSingleton<EventPublisher>(provider => provider.GetRequiredService<EventLane>().PublishAsync);

    private static IServiceCollection AddStatus(this IServiceCollection services) => services
        .AddSingleton<StatusMetrics>()
        .AddSingleton(provider => provider.GetRequiredService<ControllerMetrics>().Queue("status"))
        .AddLeaderStage<StatusWriter>();
}
