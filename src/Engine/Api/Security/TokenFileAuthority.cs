namespace HealthTrack.Engine.Api.Security;

/// <summary>Whoever shows the token of <c>--api-token-file</c> may do everything, and is believed when they say for whom.</summary>
internal sealed class TokenFileAuthority(ApiToken file) : IApiAuthority
{
    private static readonly ApiUser Bearer = new("healthtrack:api-token") { MayForward = true };

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces => [];

    /// <inheritdoc/>
    public ValueTask<ApiUser?> AuthenticateAsync(string token, CancellationToken cancellationToken) => new(file.Accepts(token) ? Bearer : null);

    /// <inheritdoc/>
    public ValueTask<string?> RefusalAsync(ApiUser user, ApiAction action, CancellationToken cancellationToken) => new((string?)null);
}
