using HealthTrack.Contracts.Link;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The link's server in the engine's web application, on a listener of its own.</summary>
internal static class LinkServer
{
    /// <summary>Registers it. A host that knows its workers by another way registers its own <see cref="IWorkerAuthority"/> after this.</summary>
    public static IServiceCollection AddLinkServer(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = LinkLimits.WorkerMessageBytes;
            grpc.MaxSendMessageSize = null;
            grpc.EnableDetailedErrors = false;
            grpc.IgnoreUnknownServices = true;
        });
        return services
            .AddSingleton<LinkMetrics>()
            .AddSingleton<ProbeLinkService>()
            .AddSingleton<IWorkerAuthority>(provider => provider.GetRequiredService<EngineOptions>().LinkTokenFile is { } file
                ? new TokenFileAuthority(file, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ApiToken>>())
                : new LoopbackAuthority());
    }

    /// <summary>Maps it, ahead of the API: what came in through the link's listener gets the link and nothing else, and the API's listener has no link.</summary>
    public static void MapLink(this WebApplication app)
    {
        if (app.Services.GetRequiredService<EngineOptions>().LinkPort is null)
            return;
        // A branch has a routing of its own: neither listener knows the other's paths.
        app.MapWhen(LinkConnection.Is, link => link.UseRouting().UseEndpoints(endpoints => endpoints.MapGrpcService<ProbeLinkService>()));
    }
}
