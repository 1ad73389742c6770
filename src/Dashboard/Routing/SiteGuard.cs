using System.Net;

namespace HealthTrack.Dashboard.Routing;

/// <summary>
/// Refuses requests that another site makes a browser send, before the proxy could pass them on as the dashboard's own.
/// Bound to loopback, Host must be a loopback name (a foreign name that resolves to 127.0.0.1 is DNS rebinding). An Origin must be this very
/// site, WebSocket upgrades included. Bound wider, nothing may be written at all: see <see cref="DashboardOptions.Bind"/>.
/// </summary>
internal sealed class SiteGuard(RequestDelegate next, DashboardOptions options, ILogger<SiteGuard> logger)
{
    /// <summary>Answers 400, 403 or passes on.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (options.LoopbackOnly && !IsLoopbackName(request.Host.Host))
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "Host is no loopback name: use http://127.0.0.1 or http://localhost, or bind the dashboard wider with --bind.");
        if (request.Headers.Origin is { Count: > 0 } origin && !IsSameSite(origin.ToString(), request.Host))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Origin is another site.");
        var safe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (!safe && request.Headers["Sec-Fetch-Site"] is [{ } from] && from is not ("same-origin" or "none"))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "The request comes from another site.");
        if (safe && request.Headers["Sec-Fetch-Site"] == "cross-site" && !IsFollowed(request) && IsOfTheApi(request.Path))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "The request comes from another site.");
        if (!safe && !options.LoopbackOnly && request.Path.StartsWithSegments(ProxyRoutes.ApiPrefix))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "The dashboard is read-only while it is bound beyond loopback: write to the API itself, with its credential.");
        return next(context);
    }

    // What the proxy asks is asked as the dashboard: streams and long reads are not for another site's page to begin, though it could not read the answer.
    private static bool IsOfTheApi(PathString path) =>
        path.StartsWithSegments(ProxyRoutes.ApiPrefix) || path.StartsWithSegments(ProxyRoutes.OpenApiPath) || path.StartsWithSegments(ProxyRoutes.DocsPath);

    // A link on another site's page that somebody follows.
    private static bool IsFollowed(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    // The scheme is left out: behind a proxy that ends TLS the browser says https and the request http.
    private static bool IsSameSite(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Scheme == Uri.UriSchemeHttp || from.Scheme == Uri.UriSchemeHttps)
        && string.Equals(from.Authority, WithoutDefaultPort(host, from.Scheme), StringComparison.OrdinalIgnoreCase);

    private static string WithoutDefaultPort(HostString host, string scheme) =>
        host.Port == (scheme == Uri.UriSchemeHttps ? 443 : 80) ? host.Host : host.Value ?? "";

    private async Task RefuseAsync(HttpContext context, int status, string reason)
    {
        Log.RequestRefused(logger, context.Request.Method, Printable(context.Request.Path), reason);
        await Results.Problem(reason, statusCode: status).ExecuteAsync(context);
    }

    // A path is the sender's to choose: line breaks would forge lines of the log.
    private static string Printable(PathString path) => Uri.EscapeDataString(path.Value ?? "").Replace("%2F", "/", StringComparison.Ordinal);
}
