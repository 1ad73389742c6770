using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace HealthTrack.Dashboard.Routing;

/// <summary>What the dashboard passes on to the API: <c>/api/**</c> without the prefix, <c>/docs</c> and <c>/openapi/**</c> as they are.</summary>
internal static class ProxyRoutes
{
    public const string ApiPrefix = "/api";
    public const string DocsPath = "/docs";
    public const string OpenApiPath = "/openapi";

    private const string Cluster = "api";
    private const string OpenApiRoute = "openapi";
    private const string StreamPath = ApiPrefix + "/stream";

    // Events may be far apart on a quiet fleet.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    // Headers that are the browser's word to this site, not to the API. SiteGuard has judged Origin and Sec-Fetch-Site; cookies are the
    // dashboard's own, and a credential that the API sees through it is the dashboard's, or none.
    private static readonly string[] Withheld =
        ["Origin", "Referer", "Cookie", "Authorization", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"];

    // The API believes these from the dashboard alone, so no browser may say them through it.
    private const string OwnPrefix = "X-HealthTrack-";

    public static void AddProxyRoutes(this IServiceCollection services, Uri api, DashboardOptions options)
    {
        RouteConfig[] routes =
        [
            new RouteConfig { RouteId = "api", ClusterId = Cluster, Match = new() { Path = ApiPrefix + "/{**rest}" } }.WithTransformPathRemovePrefix(ApiPrefix),
            new RouteConfig { RouteId = "docs", ClusterId = Cluster, Match = new() { Path = DocsPath + "/{**rest}" } },
            new RouteConfig { RouteId = OpenApiRoute, ClusterId = Cluster, Match = new() { Path = OpenApiPath + "/{**rest}" } }
                .WithTransformRequestHeader(ApiHeaders.Prefix, ApiPrefix, append: false),
        ];
        ClusterConfig[] clusters =
        [
            new()
            {
                ClusterId = Cluster,
                Destinations = new Dictionary<string, DestinationConfig> { ["0"] = new() { Address = api.AbsoluteUri } },
                HttpRequest = new ForwarderRequestConfig { ActivityTimeout = LongestSilence, AllowResponseBuffering = false },
            },
        ];
        services.AddReverseProxy()
            .LoadFromMemory(routes, clusters)
            .AddTransforms(context =>
            {
                foreach (var header in Withheld)
                    context.AddRequestHeaderRemove(header);
                context.AddRequestTransform(request => WithholdOwn(request, context.Route.RouteId));
                // On loopback the dashboard's visitor is the machine's own user, as the API's would be. From elsewhere a visitor is nobody.
                if (options is { LoopbackOnly: true, ApiTokenFile: not null })
                    context.AddRequestTransform(AddCredentialAsync);
            });
    }

    // The prefix of the document is this route's own word, set before.
    private static ValueTask WithholdOwn(RequestTransformContext context, string route)
    {
        foreach (var name in context.HttpContext.Request.Headers.Keys.Where(k => k.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            if (route != OpenApiRoute || !name.Equals(ApiHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
                context.ProxyRequest.Headers.Remove(name);
        }
        return ValueTask.CompletedTask;
    }

    private static async ValueTask AddCredentialAsync(RequestTransformContext context)
    {
        var credential = context.HttpContext.RequestServices.GetRequiredService<ApiCredential>();
        context.ProxyRequest.Headers.Authorization = await credential.ReadAsync(context.CancellationToken);
    }

    public static void MapProxyRoutes(this WebApplication app) => app.MapReverseProxy(pipeline => pipeline.Use(async (context, next) =>
    {
        // A stream has no end of its own: without this a stop would wait for every reader until its time is up.
        await using var end = context.Request.Path == StreamPath
            ? context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(context.Abort)
            : default;
        await next(context);
        if (context.GetForwarderErrorFeature() is null || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;
        var client = context.RequestServices.GetRequiredService<HealthTrackClient>();
        await Results.Problem(ApiProblem.Away(client.Api).Message, statusCode: StatusCodes.Status502BadGateway).ExecuteAsync(context);
    }));
}
