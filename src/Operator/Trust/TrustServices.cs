using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>Who may call the API, and which workers may dial in, as the cluster says.</summary>
internal static class TrustServices
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddTrust(this IServiceCollection services, TrustOptions options) => services
        .AddSingleton(options)
        .AddSingleton(provider => new TokenReviews(provider.GetRequiredService<KubernetesApi>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new AccessReviews(provider.GetRequiredService<KubernetesApi>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IApiAuthority, ClusterAuthority>()
        .AddSingleton<IWorkerAuthority, WorkerAuthority>();
}
