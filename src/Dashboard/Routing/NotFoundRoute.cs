using Microsoft.AspNetCore.Diagnostics;

namespace HealthTrack.Dashboard.Routing;

/// <summary>A path that is nothing's is answered by a page with a way back, still as 404. What the API and Grafana answer stays as it is.</summary>
internal static class NotFoundRoute
{
    private static readonly PathString[] NotPages = [ProxyRoutes.ApiPrefix, ProxyRoutes.DocsPath, ProxyRoutes.OpenApiPath, GrafanaRoute.Prefix, "/_blazor", "/_framework", "/_content"];

    public static void UseNotFoundPage(this IApplicationBuilder app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (Array.Exists(NotPages, prefix => context.Request.Path.StartsWithSegments(prefix)) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                pages.Enabled = false;
            return next(context);
        });
    }
}
