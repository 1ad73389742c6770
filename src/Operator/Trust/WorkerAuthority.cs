using HealthTrack.Engine.Dispatch;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// Lets a worker in that runs as the ServiceAccount of its pool, in the operator's namespace, with a token for the audience <c>healthtrack</c>; or that
/// shows the token of an external pool.
/// </summary>
internal sealed class WorkerAuthority(TokenReviews tokens, TrustOptions options, IEnumerable<IPoolTokens> external) : IWorkerAuthority
{
    private const int LongestPool = 253;

    /// <inheritdoc/>
    public async ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
            return Refused("A worker shows a token: mount one of its ServiceAccount for the audience healthtrack, and give it with --token-file.");
        if (!IsName(pool))
            return Refused("A pool has the name of a resource: lower-case letters, digits, - and ., at most 253 of them.");
        if (external.Any(tokensOfPools => tokensOfPools.Accepts(pool, token)))
            return WorkerAdmission.Welcome();
        ReviewedUser? user;
        try
        {
            user = await tokens.ReviewAsync(token, PoolServiceAccounts.Audience, cancellationToken);
        }
        catch (ReviewUnavailableException e)
        {
            throw new WorkerAuthorityUnavailableException(e.Message, e);
        }
        // A new leader reads the pools while their workers come back already: they try again.
        if (user is null && !external.All(tokensOfPools => tokensOfPools.Knows(pool)))
            throw new WorkerAuthorityUnavailableException($"The token of pool {pool} has not been read yet.");
        if (user is null)
            return Refused($"The token is not good: it is wrong, has ended, is not for the audience {PoolServiceAccounts.Audience}, or is not that of pool {pool}.");
        var wanted = $"system:serviceaccount:{options.Namespace}:{PoolServiceAccounts.NameOf(pool)}";
        return user.Name == wanted
            ? WorkerAdmission.Welcome(user.Until)
            : new WorkerAdmission($"The token is that of {user.Name}: workers of pool {pool} run as {wanted}.", Authenticated: true);
    }

    private static WorkerAdmission Refused(string sentence) => new(sentence, Authenticated: false);

    private static bool IsName(string pool) =>
        pool.Length is > 0 and <= LongestPool && pool.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
