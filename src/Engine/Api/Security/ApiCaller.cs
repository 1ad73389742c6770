using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Who sent a request, and the authority on what they may do. One a request, among its features.</summary>
/// <param name="user">Null where nobody is asked: on loopback, or a read that is open to all.</param>
/// <param name="authority">Null where everything is allowed.</param>
/// <param name="refusals">Counts.</param>
internal sealed class ApiCaller(ApiUser? user, IApiAuthority? authority, ApiRefusals refusals)
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromHours(1);

    /// <summary>The name to tell of a write; null where nobody is known.</summary>
    public string? Name => user?.Name;

    /// <summary>How long an answer may go on that has no end of its own: until the credential's end, and at most an hour, because rights are taken away too.</summary>
    /// <returns>Null where nobody is asked for a credential.</returns>
    public TimeSpan? Lasts(TimeProvider time)
    {
        if (authority is null || user is null)
            return null;
        var left = user.Until is { } until ? TimeSpan.FromMilliseconds(until - time.GetUtcNow().ToUnixTimeMilliseconds()) : LongestAnswer;
        return left > LongestAnswer ? LongestAnswer : left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    /// <summary>Whether it was asked if they may.</summary>
    public bool Asked { get; private set; }

    /// <summary>The caller of a request.</summary>
    /// <exception cref="InvalidOperationException">The request did not pass <see cref="CallerGuard"/>.</exception>
    public static ApiCaller Of(HttpContext context) => context.Features.Get<ApiCaller>()
        ?? throw new InvalidOperationException("Nobody asked who calls.");

    /// <summary>Returns where the caller may do this.</summary>
    /// <exception cref="Http.RefusedException">They may not (403), or nobody can tell now (503).</exception>
    public async ValueTask RequireAsync(ApiAction action, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(action, cancellationToken) is { } refusal)
            throw refusals.Forbidden(refusal);
    }

    /// <summary>Those of some namespaces in which the caller may list a resource: what a list of it shows, where each row is of a namespace of its own.</summary>
    /// <param name="resource">The plural of a resource of HealthTrack's group.</param>
    /// <param name="namespaces">Which are asked about.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Http.RefusedException">Nobody can tell now (503).</exception>
    public async Task<HashSet<string>> ListableAsync(string resource, IEnumerable<string> namespaces, CancellationToken cancellationToken)
    {
        // With nothing to show nobody needs to be asked.
        Asked = true;
        var asked = namespaces.Distinct().ToList();
        var answers = await Task.WhenAll(
            asked.Select(ns => RefusalAsync(new ApiAction("list", ns) { Resource = resource }, cancellationToken).AsTask()));
        return [.. asked.Where((_, i) => answers[i] is null)];
    }

    private async ValueTask<string?> RefusalAsync(ApiAction action, CancellationToken cancellationToken)
    {
        Asked = true;
        if (authority is null || user is null)
            return null;
        try
        {
            return await authority.RefusalAsync(user, action, cancellationToken);
        }
        catch (ApiAuthorityUnavailableException away)
        {
            throw refusals.Away(away);
        }
    }
}
