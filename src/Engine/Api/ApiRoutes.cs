using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Api;

/// <summary>The API: what a request passes, and where it goes.</summary>
internal static class ApiRoutes
{
    /// <summary>Registers what the API needs.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddRouting()
        .ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));

    /// <summary>Maps all of it.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.UseMiddleware<ProblemResponses>();
        app.UseRouting();
        app.UseGuards();
        app.UseMiddleware<SyncGate>();

        var services = app.MapGroup("/services").WithTags("Services");
        services.MapGet("", ServiceReads.List);
        services.MapGet("{id:long}", ServiceReads.Get);
        services.MapGet("{id:long}/metrics-summary", ServiceReads.Summary);
        services.MapGet("{id:long}/checks", CheckReads.List);
        services.MapGet("{id:long}/checks-detailed", CheckReads.Detailed);

        app.MapGet("/workers", HealthReads.Workers).WithMetadata(new BeforeFirstSync());
        app.MapGet("/metrics", MetricsEndpoint.Write).WithMetadata(new WithoutBearer(), new BeforeFirstSync());
        foreach (var probe in (RouteHandlerBuilder[])
                 [app.MapGet("/healthz", HealthReads.Alive), app.MapGet("/readyz", HealthReads.Ready), app.MapGet("/leaderz", HealthReads.Leads)])
            probe.WithMetadata(new WithoutBearer(), new FromAnySite(), new BeforeFirstSync());
    }

    private static void UseGuards(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<EngineOptions>();
        if (EngineOptionsValidator.BindAddress(options.Bind) is { } address && System.Net.IPAddress.IsLoopback(address))
            app.UseMiddleware<LoopbackGuard>();
        if (options.ApiTokenFile is { } file)
        {
            app.UseMiddleware<BearerGuard>(new ApiToken(
                file, app.Services.GetRequiredService<TimeProvider>(), app.Services.GetRequiredService<ILogger<ApiToken>>()));
        }
    }
}
