using HealthTrack.Engine.Api.Security;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>A token is a user's name, and a user may do everything in the namespace of that name, but for the Secret <c>forbidden</c>.</summary>
internal sealed class NamespaceAuthority : IApiAuthority
{
    public bool Away { get; init; }

    public bool Everywhere { get; init; }

    public long? Until { get; init; }

    public IReadOnlyList<string> Namespaces { get; init; } = [];

    public List<ApiAction> Actions { get; } = [];

    public ValueTask<ApiUser?> AuthenticateAsync(string token, CancellationToken cancellationToken)
    {
        if (Away)
            throw new ApiAuthorityUnavailableException("Nobody is there.");
        return new(token is "a" or "b" or "dashboard" ? new ApiUser(token) { MayForward = token == "dashboard", Until = Until } : null);
    }

    public ValueTask<string?> RefusalAsync(ApiUser user, ApiAction action, CancellationToken cancellationToken)
    {
        Actions.Add(action);
        return new(!Everywhere && action.Namespace != user.Name ? $"{user.Name} may not." : action.Secrets.Contains("forbidden") ? "Not forbidden." : null);
    }
}
