using System.Net;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>
/// Bound to loopback the API asks for no credential, so a web page in a browser on this machine must not be able to use it: not under a name of its
/// own that it points at 127.0.0.1 (DNS rebinding), which the Host header gives away, and not across sites, which Origin and Sec-Fetch-Site do.
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next, ApiRefusals refusals)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<FromAnySite>() is not null)
            return next(context);
        if (!IsLoopbackName(context.Request.Host.Host))
            throw refusals.Host();
        if (IsCrossSite(context.Request))
            throw refusals.Origin();
        return next(context);
    }

    /// <summary><c>localhost</c>, 127.0.0.0/8 or ::1.</summary>
    public static bool IsLoopbackName(string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
            && (host.StartsWith('[') || host.Count(c => c == '.') == 3);
    }

    private static bool IsCrossSite(HttpRequest request)
    {
        // A site has no port: the dashboard's own pages are of the same one.
        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && Uri.TryCreate(origin, UriKind.Absolute, out var site)
            && site.Scheme is "http" or "https" && IsLoopbackName(site.Host)))
            return true;
        // A link on another site's page that somebody follows reads nothing for that site.
        var follows = HttpMethods.IsGet(request.Method)
            && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";
        return request.Headers["Sec-Fetch-Site"] == "cross-site" && !follows;
    }
}
