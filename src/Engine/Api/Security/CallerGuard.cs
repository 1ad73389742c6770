using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Finds out who calls, before anything is said or done. What they may do is <see cref="RightsGuard"/>'s.</summary>
internal sealed class CallerGuard(RequestDelegate next, ApiTrust trust, ApiRefusals refusals)
{
    private const string Scheme = "Bearer ";

    // Paths that are nothing's: who is not known is not told so.
    private static readonly Access Nowhere = Access.Read(AccessScope.Known);

    public async Task InvokeAsync(HttpContext context)
    {
        var access = AccessOf(context);
        if (access.Class != AccessClass.Open)
            context.Features.Set(await IdentifyAsync(context, access));
        await next(context);
    }

    /// <summary>The class of the endpoint that a request goes to.</summary>
    /// <exception cref="InvalidOperationException">It has none, or several: a defect, and nobody gets in.</exception>
    public static Access AccessOf(HttpContext context)
    {
        // Routing's own answers, such as 405, are no routes.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
            return Nowhere;
        return endpoint.Metadata.GetOrderedMetadata<Access>() is [var access]
            ? access
            : throw new InvalidOperationException($"{endpoint.DisplayName} must have one class of access.");
    }

    private async Task<ApiCaller> IdentifyAsync(HttpContext context, Access access)
    {
        var open = trust.AnonymousReads && access.Class == AccessClass.Read;
        var forwarded = ForwardedUser.IsNamed(context.Request.Headers);
        var authorization = context.Request.Headers.Authorization.ToString();
        if (trust.AsksNobody || (open && authorization.Length == 0))
        {
            return forwarded ? throw NotBelieved() : new ApiCaller(null, null, refusals);
        }

        var (user, authority) = await AuthenticateAsync(context, authorization);
        if (!forwarded)
            return new ApiCaller(user, open ? null : authority, refusals);
        if (!user.MayForward)
            throw NotBelieved();
        var named = ForwardedUser.Read(context.Request.Headers, out var problem) ?? throw refusals.ForwardedUser(problem!);
        // The dashboard's own credential has to last as well.
        return new ApiCaller(named with { Until = user.Until }, open ? null : trust.OfForwarded, refusals);
    }

    private async Task<(ApiUser User, IApiAuthority Authority)> AuthenticateAsync(HttpContext context, string authorization)
    {
        var token = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        if (token.Length > 0)
        {
            try
            {
                foreach (var authority in trust.Authorities)
                {
                    if (await authority.AuthenticateAsync(token, context.RequestAborted) is { } user)
                        return (user, authority);
                }
            }
            catch (ApiAuthorityUnavailableException away)
            {
                throw refusals.Away(away);
            }
        }
        throw refusals.Credential(context, authorization.Length > 0, trust.HowToCall);
    }

    private RefusedException NotBelieved() => refusals.ForwardedUser(
        $"{ApiHeaders.User} and {ApiHeaders.Groups} are believed only from the dashboard, with its own credential: leave them out.");
}
