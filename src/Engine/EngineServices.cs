using System.Collections.ObjectModel;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Alerts.Channels;
using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Metrics;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine;

/// <summary>The stages of the control plane, each with what it owns. Hosted services stop in the reverse order of their registration.</summary>
internal static class EngineServices
{
    /// <summary>
    /// Who leads: this process, unless the host registers another <see cref="ILeadership"/>. First, so that it stops last. What acts is registered with
    /// <c>AddLeaderStage</c>.
    /// </summary>
    public static IServiceCollection AddLeadership(this IServiceCollection services) => services
        .AddSingleton<StoreClaim>()
        .AddSingleton<ILeadership, SoleLeader>()
        .AddSingleton<IHostedService>(provider => (Candidate)provider.GetRequiredService<ILeadership>());

    /// <summary>From what sources declare to the fleet.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services) => services
        .AddSingleton<Fleet>()
        .AddSingleton<ChangeFeed>()
        .AddSingleton<IntakeProgress>()
        .AddSingleton<BlindTimes>()
        .AddLeaderStage<MonitorIntake>()
        .AddHostedService<FirstCompaction>();

    /// <summary>From the fleet to the workers, and their results back.</summary>
    public static IServiceCollection AddDispatch(this IServiceCollection services) => services
        .AddSingleton<ISecretSource, NoSecrets>()
        .AddSingleton<SecretResolver>()
        .AddSingleton<IPoolDirectory, EveryPool>()
        .AddSingleton<WorkerRoster>()
        .AddLeaderStage<WorkerMemory>()
        .AddSingleton<AssignmentRound>()
        .AddLeaderStage<Dispatcher>()
        .AddSingleton<IProbeLink, InProcessLink>();

    /// <summary>From results to windows and health.</summary>
    public static IServiceCollection AddResults(this IServiceCollection services) => services
        .AddSingleton<ManualChecks>()
        .AddSingleton<HealthSweep>()
        .AddSingleton<PipelineMetrics>()
        .AddLeaderStage<ResultPipeline>()
        .AddLeaderStage<LocationWatch>();

    /// <summary>From health and windows to alerts, and from those to people.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddHttpClient(HttpPost.Client)
            // What fails is tried again by the notifier, for each receiver by itself; and what a client logs has the address in it, which is a secret.
            .RemoveAllLoggers()
            .ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(10))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) });
        return services
            .AddSingleton<IChannelDirectory, NoChannels>()
            .AddSingleton<AlertMetrics>()
            .AddSingleton<AlertBook>()
            .AddSingleton<ChannelChoice>()
            .AddSingleton<NotificationText>()
            .AddSingleton<HttpPost>()
            .AddSingleton<INotificationSender, SlackSender>()
            .AddSingleton<INotificationSender, WebhookSender>()
            .AddSingleton(Claims)
            .AddLeaderStage<ChannelWatch>()
            .AddLeaderStage<Outbox>()
            .AddLeaderStage<Notifier>()
            .AddLeaderStage<AlertStage>();
    }

    /// <summary>From the store to other systems; nothing where there is no Kafka.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services, EngineOptions options) => options.Kafka is not { } brokers
        ? services
        : services
            .AddSingleton<EventMetrics>()
            .AddSingleton<UnpublishedChecks>()
            .AddSingleton<IEventSink>(provider =>
                new KafkaSink(KafkaSettings.Read(brokers, options.KafkaConfigFile), options.PublicUrl, provider.GetRequiredService<EventMetrics>(), provider.GetRequiredService<ILogger<KafkaSink>>()))
            .AddLeaderStage<EventStage>();

    /// <summary>Who is told that all is well; nobody where no URL is given.</summary>
    public static IServiceCollection AddDeadman(this IServiceCollection services, EngineOptions options) => DeadmanUrl.IsIn(options)
        ? services
            .AddSingleton(DeadmanUrl.Of(options))
            .AddSingleton<DeadmanMetrics>()
            .AddSingleton<PipelineWatch>()
            .AddLeaderStage<DeadmanStage>()
        : services;

    /// <summary>Where results are kept.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSingleton(provider => ResultStores.Create(
            provider.GetRequiredService<EngineOptions>().Storage, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IWorkerStore>(provider => provider.GetRequiredService<IResultStore>())
        .AddSingleton<IBlindTimeStore>(provider => provider.GetRequiredService<IResultStore>())
        .AddSingleton(provider => RetentionOptions.Read(provider.GetRequiredService<EngineOptions>().Retention))
        .AddLeaderStage<RetentionService>();

    /// <summary>What Prometheus reads. The registry is the application's own: two in one process do not share it.</summary>
    public static IServiceCollection AddMetrics(this IServiceCollection services) => services
        .AddSingleton(_ => Prometheus.Metrics.NewCustomRegistry())
        .AddSingleton<MachineryMetrics>()
        .AddSingleton<MonitorMetrics>();

    private static IDeliveryClaims Claims(IServiceProvider provider) => provider.GetRequiredService<EngineOptions>().Redis is { } redis
        ? new RedisDeliveryClaims(redis, provider.GetRequiredService<AlertMetrics>(), provider.GetRequiredService<ILogger<RedisDeliveryClaims>>())
        : new LocalDeliveryClaims(provider.GetRequiredService<TimeProvider>());

    // A host that registers no channels has none.
    private sealed class NoChannels : IChannelDirectory
    {
        public string OwnNamespace => "default";

        public Task FirstSync => Task.CompletedTask;

        public IReadOnlyCollection<NotificationChannel> Channels => [];

        public IReadOnlyDictionary<ChannelKey, string> Wrong => ReadOnlyDictionary<ChannelKey, string>.Empty;

        public NotificationChannel? Find(ChannelKey key) => null;

        public ChannelDelivery? LastDelivery(ChannelKey key) => null;

        public void Delivered(ChannelKey key, long at, string? error)
        {
        }
    }

    // A host that registers no source of secrets has none.
    private sealed class NoSecrets : ISecretSource
    {
        public ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken) => new((string?)null);
    }
}
