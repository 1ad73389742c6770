using HealthTrack.Contracts.Api;
using HealthTrack.Probe.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Probe.Admin;

/// <summary>What the worker says of itself over HTTP: <c>/metrics</c>, <c>/healthz</c>, <c>/readyz</c>. Without a credential, and without a secret.</summary>
internal static class AdminRoutes
{
    private const string Fine = "ok";
    private const string Degraded = "degraded";

    /// <summary>Registers what the routes need. Before the worker's own counters count, so that none is missed.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddRoutingCore();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddSingleton<LoadMeter>().AddHostedService(provider => provider.GetRequiredService<LoadMeter>());
        services.AddSingleton<ProbeExporter>().AddHostedService(provider => provider.GetRequiredService<ProbeExporter>());
        return services;
    }

    /// <summary>Maps the routes.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("ok\n"));
        app.MapGet("/readyz", Ready);
        app.MapGet("/metrics", (HttpContext context, ProbeExporter exporter) =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return exporter.WriteAsync(context.Response.Body, context.RequestAborted);
        });
    }

    /// <summary>It can work, also while nobody takes its results; the body says what is not as it should be.</summary>
    private static Ok<HealthReport> Ready(LinkState link, SpoolWriter spool, ResultOutbox outbox)
    {
        var now = link.Now;
        var components = new SortedDictionary<string, ComponentHealth>(StringComparer.Ordinal)
        {
            ["link"] = now.Connected
                ? new(Fine, $"Connected since {now.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
                : new(Degraded, $"Not connected since {now.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}: {now.Reason}"),
            ["results"] = new(Fine, $"{outbox.Count} wait for their acknowledgement, {outbox.Dropped} were dropped."),
        };
        if (spool.IsThere)
            components["spool"] = spool.Problem is { } problem ? new(Degraded, $"It cannot be written: {problem}") : new(Fine, "It can be written.");
        var status = components.Values.All(c => c.Status == Fine) ? Fine : Degraded;
        return TypedResults.Ok(new HealthReport(status, components));
    }
}
