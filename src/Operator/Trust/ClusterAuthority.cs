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
    public IReadOnlyList<string> Namespaces => options.Namespaces;

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
        var onWatched = action.Namespace is null && Namespaces.Count > 0;
        IReadOnlyList<string?> namespaces = onWatched ? [.. Namespaces] : [action.Namespace];
        List<ResourceWish> wishes = [.. namespaces.Select(ns => new ResourceWish(Group, action.Resource, action.Verb, ns, action.Name)), .. secrets];
        var allowed = await Task.WhenAll(wishes.Select(wish => AskedAsync(() => rights.AllowsAsync(user, wish, action.IsRead, cancellationToken)).AsTask()));
        var refused = Array.IndexOf(allowed, false);
        if (refused < 0)
            return null;
        // Which namespaces are watched is nothing for somebody who may see none of them.
        return onWatched
            ? $"{user.Name} may not {action.Verb} {action.Resource}.{Group} in all namespaces that are watched."
            : $"{user.Name} may not {wishes[refused]}.";
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
