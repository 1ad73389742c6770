using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Headers that keep a browser from doing with an answer what it is not for: guess its type, frame it, or fetch something from another host for it.</summary>
internal sealed class SafeHeaders(RequestDelegate next)
{
    // The explorer's page has a script and styles inline.
    private const string Explorer =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'";

    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal) ? Explorer : Nothing;
        return next(context);
    }
}
