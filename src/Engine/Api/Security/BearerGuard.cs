using HealthTrack.Engine.Api.Http;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Lets in whoever shows the API's token (RFC 6750).</summary>
internal sealed class BearerGuard(RequestDelegate next, ApiToken token)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<WithoutBearer>() is not null)
            return next(context);
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && token.Accepts(authorization[Scheme.Length..].Trim()))
            return next(context);
        context.Response.Headers.WWWAuthenticate = authorization.Length > 0
            ? "Bearer realm=\"healthtrack\", error=\"invalid_token\""
            : "Bearer realm=\"healthtrack\"";
        throw new RefusedException(
            StatusCodes.Status401Unauthorized,
            "Send the API's token in the header Authorization: Bearer TOKEN.");
    }
}
