using Yarp.ReverseProxy.Model;

namespace HealthTrack.Dashboard.Routing;

/// <summary>The headers that tell a browser what a page of the dashboard may do: load nothing from elsewhere, and be framed by nobody else.</summary>
internal static class SecurityHeaders
{
    // MudBlazor writes style elements and attributes, hence unsafe-inline for styles. No script is inline.
    private const string Pages =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

    // What the API answers is data: nothing in it may run as a page of this site.
    private const string Data = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

    /// <summary>Adds them to every answer; where the API has set one of its own (as its explorer and Grafana do), that one holds.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            var path = context.Request.Path;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "SAMEORIGIN";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            if (path.StartsWithSegments(ProxyRoutes.ApiPrefix))
                headers.ContentSecurityPolicy = Data;
            else if (path.StartsWithSegments(ProxyRoutes.DocsPath) || path.StartsWithSegments(ProxyRoutes.OpenApiPath) || IsGrafanas(context))
                headers.TryAdd("Content-Security-Policy", "frame-ancestors 'self'");
            else
                headers.ContentSecurityPolicy = Pages;
            return Task.CompletedTask;
        });
        return next(context);
    });

    // Grafana's own pages bring a policy of their own, or none; what is said in its place is a page of the dashboard.
    private static bool IsGrafanas(HttpContext context) =>
        context.Request.Path.StartsWithSegments(GrafanaRoute.Prefix) && context.Features.Get<IReverseProxyFeature>() is not null && context.GetForwarderErrorFeature() is null;
}
