using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace HealthTrack.Dashboard.Routing;

/// <summary>
/// What the dashboard passes on: <c>/api/**</c> without the prefix, <c>/docs</c> and <c>/openapi/**</c> as they are to the process of the API that leads, and
/// what <see cref="GrafanaRoute"/> says.
/// </summary>
internal static class ProxyRoutes
{
    public const string ApiPrefix = "/api";
    public const string DocsPath = "/docs";
    public const string OpenApiPath = "/openapi";

    public const string ApiCluster = "api";

    /// <summary>What the ids of the API's destinations begin with.</summary>
    public const string ApiDestination = "api-";

    private const string OpenApiRoute = "openapi";
    private const string StreamPath = ApiPrefix + "/stream";

    // Events may be far apart on a quiet fleet.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    // How long a leader that went is asked in vain, and a new one is not yet.
    private static readonly TimeSpan BetweenLeaderChecks = TimeSpan.FromSeconds(1);

    // Headers that are the browser's word to this site, not to the API. SiteGuard has judged Origin and Sec-Fetch-Site; cookies are the
    // dashboard's own, and a credential that the API sees through it is the dashboard's, or none.
    private static readonly string[] Withheld =
        ["Origin", "Referer", "Cookie", "Authorization", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"];

    // The API believes these from the dashboard alone, so no browser may say them through it.
    private const string OwnPrefix = "X-HealthTrack-";

    public static void AddProxyRoutes(this IServiceCollection services, DashboardOptions options)
    {
        var request = new ForwarderRequestConfig { ActivityTimeout = LongestSilence, AllowResponseBuffering = false };
        List<RouteConfig> routes =
        [
            new RouteConfig { RouteId = "api", ClusterId = ApiCluster, Match = new() { Path = ApiPrefix + "/{**rest}" } }.WithTransformPathRemovePrefix(ApiPrefix),
            new RouteConfig { RouteId = "docs", ClusterId = ApiCluster, Match = new() { Path = DocsPath + "/{**rest}" } },
            new RouteConfig { RouteId = OpenApiRoute, ClusterId = ApiCluster, Match = new() { Path = OpenApiPath + "/{**rest}" } }
                .WithTransformRequestHeader(ApiHeaders.Prefix, ApiPrefix, append: false),
        ];
        List<ClusterConfig> clusters = [Api(options, request)];
        if (options.Grafana is { } grafana)
        {
            routes.Add(GrafanaRoute.Route);
            clusters.Add(GrafanaRoute.Cluster(grafana, request));
        }
        services.AddSingleton<IVisitors, UnknownVisitors>();
        services.AddReverseProxy()
            .LoadFromMemory(routes, clusters)
            .AddTransforms(context =>
            {
                if (context.Route.RouteId == GrafanaRoute.Id)
                    GrafanaRoute.Transform(context);
                else
                    TransformApi(context, options);
            })
            .AddDnsDestinationResolver(dns => dns.RefreshPeriod = ApiResolver.Period);
        // YARP's own resolver refuses to start where a name has no address.
        var resolver = services.Last(s => s.ServiceType == typeof(IDestinationResolver)).ImplementationType!;
        services.AddSingleton<IDestinationResolver>(s => new ApiResolver(
            (IDestinationResolver)ActivatorUtilities.CreateInstance(s, resolver), s.GetRequiredService<TimeProvider>()));
    }

    private static ClusterConfig Api(DashboardOptions options, ForwarderRequestConfig request) => new()
    {
        ClusterId = ApiCluster,
        Destinations = options.Apis
            .Select((url, i) => (Id: string.Create(CultureInfo.InvariantCulture, $"{ApiDestination}{i}"), Url: DashboardOptions.Base(url)))
            .ToDictionary(d => d.Id, d => new DestinationConfig { Address = d.Url.AbsoluteUri }),
        HttpRequest = request,
        // One process says itself that it does not lead, and who does.
        HealthCheck = !options.MayBeSeveral ? null : new HealthCheckConfig
        {
            // The other policy asks a standby rather than nobody, and the visitor would read that one process is a standby.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/leaderz",
                Interval = BetweenLeaderChecks,
                Timeout = TimeSpan.FromSeconds(2),
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
        },
        Metadata = new Dictionary<string, string> { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "1" },
    };

    private static void TransformApi(TransformBuilderContext context, DashboardOptions options)
    {
        foreach (var header in Withheld)
            context.AddRequestHeaderRemove(header);
        context.AddRequestTransform(request => WithholdOwn(request, context.Route.RouteId));
        // On loopback the dashboard's visitor is the machine's own user, as the API's would be. From elsewhere a visitor is nobody, and reads what the pages show;
        // SiteGuard lets nothing else come here.
        if (options.ApiTokenFile is not null)
            context.AddRequestTransform(request => options.LoopbackOnly || Reads(request) ? AddCredentialAsync(request) : ValueTask.CompletedTask);
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

    private static bool Reads(RequestTransformContext context) =>
        HttpMethods.IsGet(context.HttpContext.Request.Method) || HttpMethods.IsHead(context.HttpContext.Request.Method);

    private static async ValueTask AddCredentialAsync(RequestTransformContext context)
    {
        var credential = context.HttpContext.RequestServices.GetRequiredService<ApiCredential>();
        context.ProxyRequest.Headers.Authorization = await credential.ReadAsync(context.CancellationToken);
    }

    public static void MapProxyRoutes(this WebApplication app) => app.MapReverseProxy(pipeline => pipeline.Use(async (context, next) =>
    {
        // A stream or a WebSocket has no end of its own: without this a stop would wait for every reader until its time is up.
        await using var end = context.Request.Path == StreamPath || context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            ? context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(context.Abort)
            : default;
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;
        if (context.GetReverseProxyFeature().Route.Config.RouteId == GrafanaRoute.Id)
        {
            await GrafanaRoute.SayAwayAsync(context);
            return;
        }
        if (failure.Error == ForwarderError.NoAvailableDestinations)
        {
            context.Response.Headers.RetryAfter = "2";
            await Results.Problem(NoLeaderException.Sentence, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
            return;
        }
        var client = context.RequestServices.GetRequiredService<HealthTrackClient>();
        await Results.Problem(ApiProblem.Away(client.Api).Message, statusCode: StatusCodes.Status502BadGateway).ExecuteAsync(context);
    }));
}
