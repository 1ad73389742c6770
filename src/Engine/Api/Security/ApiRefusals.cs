using HealthTrack.Engine.Api.Http;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Refuses callers, and counts why. No refusal holds a credential.</summary>
internal sealed class ApiRefusals
{
    private static readonly string[] Reasons =
        ["host", "origin", "no_credential", "wrong_credential", "forwarded_user", "forbidden", "authority_away"];

    private readonly Counter _refusals;

    public ApiRefusals(CollectorRegistry registry)
    {
        _refusals = Prometheus.Metrics.WithCustomRegistry(registry)
            .CreateCounter("healthtrack_api_refusals_total", "Requests to the API that were refused for who sent them.", "reason");
        foreach (var reason in Reasons)
            _refusals.WithLabels(reason).Inc(0);
    }

    /// <summary>The Host is a name that another site points at this machine.</summary>
    public RefusedException Host() => Counted(
        "host", StatusCodes.Status421MisdirectedRequest, "This API is for this machine alone: call it as 127.0.0.1 or localhost.");

    /// <summary>A page of another site sent it.</summary>
    public RefusedException Origin() => Counted("origin", StatusCodes.Status403Forbidden, "This API does not answer requests from other sites.");

    /// <summary>None was shown, or a wrong one.</summary>
    public RefusedException Credential(HttpContext context, bool shown, string sentence)
    {
        // RFC 6750.
        context.Response.Headers.WWWAuthenticate = shown ? "Bearer realm=\"healthtrack\", error=\"invalid_token\"" : "Bearer realm=\"healthtrack\"";
        return Counted(shown ? "wrong_credential" : "no_credential", StatusCodes.Status401Unauthorized, sentence);
    }

    /// <summary>Somebody says that they call for another.</summary>
    public RefusedException ForwardedUser(string sentence) => Counted("forwarded_user", StatusCodes.Status403Forbidden, sentence);

    /// <summary>They are known and may not.</summary>
    public RefusedException Forbidden(string sentence) => Counted("forbidden", StatusCodes.Status403Forbidden, sentence);

    /// <summary>Nobody can tell now.</summary>
    public RefusedException Away(ApiAuthorityUnavailableException away)
    {
        _refusals.WithLabels("authority_away").Inc();
        return new RefusedException(StatusCodes.Status503ServiceUnavailable, away.Message) { RetryAfter = 5 };
    }

    private RefusedException Counted(string reason, int status, string sentence)
    {
        _refusals.WithLabels(reason).Inc();
        return new RefusedException(status, sentence);
    }
}
