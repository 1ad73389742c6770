namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>The credential that is sent.</summary>
public sealed record HttpAuthSpec
{
    /// <summary>HTTP basic authentication.</summary>
    public BasicAuthSpec? Basic { get; init; }

    /// <summary>A bearer token.</summary>
    public BearerAuthSpec? Bearer { get; init; }

    /// <summary>A token that is fetched with the OAuth 2 client credentials grant and used until it ends.</summary>
    public OAuth2ClientCredentialsSpec? Oauth2ClientCredentials { get; init; }
}

/// <summary>HTTP basic authentication.</summary>
public sealed record BasicAuthSpec
{
    /// <summary>The user name.</summary>
    public required SecretValueSpec Username { get; init; }

    /// <summary>The password.</summary>
    public required SecretValueSpec Password { get; init; }
}

/// <summary>A bearer token.</summary>
public sealed record BearerAuthSpec
{
    /// <summary>The token.</summary>
    public required SecretValueSpec Token { get; init; }
}

/// <summary>A token that is fetched with the OAuth 2 client credentials grant and used until it ends.</summary>
public sealed record OAuth2ClientCredentialsSpec
{
    /// <summary>Token endpoint.</summary>
    public required string TokenUrl { get; init; }

    /// <summary>The client id.</summary>
    public required SecretValueSpec ClientId { get; init; }

    /// <summary>The client secret.</summary>
    public required SecretValueSpec ClientSecret { get; init; }

    /// <summary>Scopes to ask for.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }
}
