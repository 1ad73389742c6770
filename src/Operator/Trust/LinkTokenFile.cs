using HealthTrack.Engine.Api.Security;

namespace HealthTrack.Operator.Trust;

/// <summary>The token of <c>--link-token-file</c>, which is good for every pool beside the ServiceAccounts of the cluster.</summary>
internal sealed class LinkTokenFile(string file, TimeProvider time, ILogger<ApiToken> log) : IPoolTokens
{
    private readonly ApiToken _token = new(file, time, log);

    /// <inheritdoc/>
    public bool Accepts(string pool, string token) => _token.Accepts(token);

    /// <inheritdoc/>
    public bool Knows(string pool) => true;
}
