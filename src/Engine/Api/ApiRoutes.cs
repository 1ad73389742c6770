using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Live;
using HealthTrack.Engine.Api.OpenApi;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Api;

/// <summary>The API: what a request passes, and where it goes.</summary>
internal static class ApiRoutes
{
    /// <summary>Registers what the API needs.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddRouting()
        .ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions))
        .AddSingleton<ApiRefusals>()
        .AddSingleton<ApiTrust>()
        .AddSingleton<ServiceWrites>()
        .AddSingleton<CheckRuns>()
        .AddSingleton<ServiceStream>()
        .AddApiDocument();

    /// <summary>Maps all of it.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.UseMiddleware<SafeHeaders>();
        app.UseMiddleware<ProblemResponses>();
        app.UseRouting();
        app.UseGuards();

        var services = app.MapGroup("/services").WithTags("Services");
        MapReads(services);
        MapWrites(services);
        MapChecks(services, app);
        MapLive(app);
        MapBadges(app);
        MapAlerts(services, app);
        MapProcess(app);
        app.MapApiDocument(Access.Read(AccessScope.Known), new BeforeFirstSync());
    }

    private static void MapReads(RouteGroupBuilder services)
    {
        services.MapGet("", ServiceReads.List)
            .Reads(AccessScope.NamespaceAsked)
            .Says("listServices", "All services with their health and numbers, by ascending id; the next page is in the Link header.", 400, 503)
            .WithQuery("limit", "integer", "Rows of a page, 1 to 1000; default 1000.")
            .WithQuery("after", "integer", "The id of the last row of the page before: taken from the Link header.")
            .WithQuery("health", "string", "Healthy, Degraded, Unhealthy, Unknown or Suspended; several by comma.")
            .WithQuery("namespace", "string", "Of this namespace.")
            .WithQuery("q", "string", "Name, namespace, display name or target contain this, in any case.")
            .WithQuery("label", "string", "Has this label: KEY or KEY=VALUE; repeatable, all must hold.");
        services.MapGet("{id:long}", ServiceReads.Get)
            .Reads(AccessScope.Service)
            .Says("getService", "One service with its health and numbers, and the settings that these are held against.", 404, 503);
        services.MapGet("{id:long}/metrics-summary", ServiceReads.Summary)
            .Reads(AccessScope.Service)
            .Says("getMetricsSummary", "The SRE numbers of one service now.", 404, 503);
    }

    private static void MapWrites(RouteGroupBuilder services)
    {
        const string manifest = """
            {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"shop"},"spec":{"http":{"url":"http://127.0.0.1:8080/"}}}
            """;
        services.MapPost("", (HttpContext context, ServiceWrites writes, CancellationToken cancellationToken) => writes.CreateAsync(context, cancellationToken))
            .WritesNamed("create")
            .Says("createService", "Declares a service; answers once it has its id.", 400, 403, 409, 413, 415, 422, 503, 504)
            .WithBody(
                "A name and a URL, or a whole ServiceMonitor (a body with kind or spec; YAML always is one).",
                """{"name":"Shop","url":"http://127.0.0.1:8080/","interval_seconds":30,"timeout_seconds":5}""");
        services.MapPut("{id:long}", (long id, HttpContext context, ServiceWrites writes, CancellationToken cancellationToken) => writes.ReplaceAsync(id, context, cancellationToken))
            .WritesService("update")
            .Says("replaceService", "Replaces the manifest of a service; name and namespace stay.", 400, 403, 404, 409, 413, 415, 422, 503, 504)
            .WithBody("A whole ServiceMonitor.", manifest);
        services.MapDelete("{id:long}", (long id, ServiceWrites writes, CancellationToken cancellationToken) => writes.DeleteAsync(id, cancellationToken))
            .WritesService("delete")
            .Says("deleteService", "Takes a service's declaration back; answers once it is gone.", 403, 404, 409, 503, 504);
    }

    private static void MapChecks(RouteGroupBuilder services, WebApplication app)
    {
        services.MapGet("{id:long}/checks", CheckReads.List)
            .Reads(AccessScope.Service)
            .Says("listChecks", "The checks of a service, newest first; the next page is in the Link header.", 400, 404, 503)
            .WithQuery("limit", "integer", "Rows of a page, 1 to 1000; default 100.")
            .WithQuery("since", "string", "Due at or after this: RFC 3339, or ms since the Unix epoch.")
            .WithQuery("after", "string", "Taken from the Link header of the page before.");
        services.MapGet("{id:long}/history", HistoryReads.Read)
            .Reads(AccessScope.Service)
            .Says("getHistory", "The past of a service in buckets of equal length: outcomes, uptime and latencies of each.", 400, 404, 503)
            .WithQuery("from", "string", "The first bucket holds this: RFC 3339, or ms since the Unix epoch; default a day before to.")
            .WithQuery("to", "string", "The end, exclusive; default now.")
            .WithQuery("step", "string", "The length of a bucket: seconds, or a duration such as 5m; default the one that makes about 100. At most 1000 buckets.");
        services.MapGet("{id:long}/checks-detailed", CheckReads.Detailed)
            .Reads(AccessScope.Service)
            .Says("listChecksDetailed", "The newest checks of a service, each with its phases and the numbers of its moment.", 400, 404, 503)
            .WithQuery("limit", "integer", "Rows, 1 to 100; default 10.");
        services.MapPost("{id:long}/run", (long id, CheckRuns runs, CancellationToken cancellationToken) => runs.RunAsync(id, cancellationToken))
            .WritesService("update")
            .Says("runService", "Checks a service now and answers with the result, which counts in health and in no ratio.", 404, 409, 503, 504);
        app.MapPost("/checks/try", (HttpContext context, CheckRuns runs, CancellationToken cancellationToken) => runs.TryAsync(context, cancellationToken))
            .WithTags("Checks").WritesNamed("create")
            .Says("tryCheck", "Runs a manifest once that is not declared, and explains what happened. Nothing is stored.", 400, 413, 415, 422, 429, 503)
            .WithBody(
                "A whole ServiceMonitor, its spec alone, or a URL in the short form.",
                """{"spec":{"http":{"url":"http://127.0.0.1:8080/","expect":{"status":["2xx"]}}}}""");
    }

    private static void MapLive(WebApplication app) => app
        .MapGet("/stream", (HttpContext context, ServiceStream stream) => stream.WriteAsync(context))
        .WithTags("Services").Reads(AccessScope.Everything)
        .Says("stream", "Server-sent events: service (a row), check (a row), removed, reset. See docs/api.md.", 503)
        .AnswersText("text/event-stream")
        .WithMetadata(new ParameterDocs("Last-Event-ID", "string", "Goes on after this event, where that is still possible.", InHeader: true))
        .WithQuery("last_event_id", "string", "The same, for readers that cannot set a header.");

    private static void MapBadges(WebApplication app) => app
        .MapGet("/badges/{id:long}/uptime.svg", Badges.Uptime)
        .WithTags("Services").OpenToAll()
        .Says("uptimeBadge", "The uptime of the last 24 h as a picture.", 404, 503)
        .AnswersText("image/svg+xml")
        .WithMetadata(new FromAnySite());

    private static void MapAlerts(RouteGroupBuilder services, WebApplication app)
    {
        services.MapGet("{id:long}/incidents", AlertReads.ServiceIncidents).Reads(AccessScope.Service)
            .Says("listServiceIncidents", "The incidents of one service, newest first; the next page is in the Link header.", 400, 404, 503)
            .WithPage();
        app.MapGet("/incidents", AlertReads.Incidents).WithTags("Alerts").Reads(AccessScope.Everything)
            .Says("listIncidents", "Stretches of Unhealthy of all services, newest first; the next page is in the Link header.", 400, 503)
            .WithPage();
        app.MapGet("/alerts", AlertReads.Alerts).WithTags("Alerts").Reads(AccessScope.Everything)
            .Says("listAlerts", "Alerts, newest first; the next page is in the Link header.", 400, 503)
            .WithPage()
            .WithQuery("state", "string", "open: only those that go on; all, the default.")
            .WithQuery("service", "integer", "Of this service.");
        app.MapPost("/alerts/{id}/acknowledge", AlertWrites.Acknowledge).WithTags("Alerts").WritesNamed("update")
            .Says("acknowledgeAlert", "Somebody looks after it: no reminders until it gets worse.", 400, 404, 503)
            .WithQuery("by", "string", "Who; somebody, where it is not given.");
        app.MapGet("/channels", ChannelReads.List).WithTags("Alerts").Reads(AccessScope.Named)
            .Says("listChannels", "The notification channels of the namespaces whose channels the caller may list, by namespace and name; their addresses are secrets and not here.", 503);
        app.MapPost("/channels/{name}/test", AlertWrites.Test).WithTags("Alerts").WritesNamed("update")
            .Says("testChannel", "Sends one message to a channel, and says what came of it.", 404, 503)
            .WithQuery("namespace", "string", "Of the channel; the operator's own where it is not given.");
    }

    private static RouteHandlerBuilder WithPage(this RouteHandlerBuilder endpoint) => endpoint
        .WithQuery("limit", "integer", "Rows of a page, 1 to 1000; default 100.")
        .WithQuery("after", "string", "Where the page before ended: taken from the Link header.");

    private static void MapProcess(WebApplication app)
    {
        app.MapGet("/workers", HealthReads.Workers).WithTags("Process").Reads(AccessScope.Everything)
            .Says("listWorkers", "The workers, by id: those that are connected, and those that were.").WithMetadata(new BeforeFirstSync());
        app.MapGet("/pools", PoolReads.List).WithTags("Process").Reads(AccessScope.Everything)
            .Says("listPools", "The pools, that is the locations: those that are declared, that monitors name, or that workers check for; by name.", 503);
        app.MapGet("/metrics", MetricsEndpoint.Write).WithTags("Process").OpenToAll()
            .Says("metrics", "Metrics of HealthTrack itself and, where it leads, of the monitors, in the text format of Prometheus. See docs/metrics.md.")
            .AnswersText("text/plain")
            .WithMetadata(new BeforeFirstSync(), new OnStandbys());
        app.MapGet("/healthz", HealthReads.Alive).WithTags("Process").OpenToAll()
            .Says("healthz", "200 while the process runs.").WithMetadata(new FromAnySite(), new BeforeFirstSync(), new OnStandbys());
        app.MapGet("/readyz", HealthReads.Ready).WithTags("Process").OpenToAll()
            .Says("readyz", "200 while the process can serve; the body says what is degraded.")
            .WithMetadata(new FromAnySite(), new BeforeFirstSync(), new OnStandbys());
        app.MapGet("/leaderz", HealthReads.Leads).WithTags("Process").OpenToAll()
            .Says("leaderz", "200 on the process that leads, and on no other.", 503).WithMetadata(new FromAnySite(), new BeforeFirstSync(), new OnStandbys());
    }

    private static void UseGuards(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ApiTrust>().OnLoopback)
            app.UseMiddleware<LoopbackGuard>();
        app.UseMiddleware<CallerGuard>();
        // Nobody who is not known is told who leads, or that the monitors are still being read.
        app.UseMiddleware<LeaderGate>();
        app.UseMiddleware<SyncGate>();
        app.UseMiddleware<RightsGuard>();
    }
}
