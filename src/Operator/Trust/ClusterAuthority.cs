using HealthTrack.Engine.Api.Security;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// The cluster says who calls and what they may do: a token is good that the API server accepts, for the audience <c>healthtrack</c> or for itself, and
/// a user may do through HealthTrack's API what they may do with kubectl, and no more.
/// </summary>
/// <param name="tokens">Says who.</param>
/// <param name="rights">Says what.</param>
/// <param name="options">Whom the dashboard runs as.</param>
internal sealed class ClusterAuthority(TokenReviews tokens, AccessReviews rights, TrustOptions options) : IApiAuthority
{
    private const string Group = "sre.healthtrack.io";

    /// <inheritdoc/>
    public async ValueTask<ApiUser?> AuthenticateAsync(string token, CancellationToken cancellationToken)
    {
        // What a token says of itself chooses the question alone: the API server looks whether it is true.
        var audience = JwtPayload.Read(token).Audiences.Contains(PoolServiceAccounts.Audience) ? PoolServiceAccounts.Audience : null;
        var user = await AskedAsync(() => tokens.ReviewAsync(token, audience, cancellationToken));
        return user is null
            ? null
            : new ApiUser(user.Name)
            {
                Uid = user.Uid,
                Groups = user.Groups,
                Extra = user.Extra,
                Until = user.Until,
                MayForward = user.Name == options.DashboardUser,
            };
    }

    /// <inheritdoc/>
    public async ValueTask<string?> RefusalAsync(ApiUser user, ApiAction action, CancellationToken cancellationToken)
    {
        var secrets = action.Secrets.Select(name => new ResourceWish("", "secrets", "get", action.Namespace, name));
        // Of all namespaces nothing is known but of those that are watched, and what is kept of those that were.
        IReadOnlyList<string?> namespaces = action.Namespace is null && options.Namespaces.Count > 0 ? options.Namespaces : (IReadOnlyList<string?>)[action.Namespace];
        foreach (var wish in namespaces.Select(ns => new ResourceWish(Group, action.Resource, action.Verb, ns, action.Name)).Concat(secrets))
        {
            if (!await AskedAsync(() => rights.AllowsAsync(user, wish, action.IsRead, cancellationToken)))
                return $"{user.Name} may not {wish}.";
        }
        return null;
    }

    private static async ValueTask<T> AskedAsync<T>(Func<ValueTask<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ReviewUnavailableException e)
        {
            throw new ApiAuthorityUnavailableException(e.Message, e);
        }
    }
}
