namespace HealthTrack.Core.Monitors;

/// <summary>One HTTP request and what its answer must look like.</summary>
public sealed record HttpCheck : CheckSpec
{
    /// <inheritdoc/>
    public override string Kind => "http";

    /// <summary>The URL with any user information taken out: it may hold a password.</summary>
    public override string Target => string.IsNullOrEmpty(Url.UserInfo)
        ? Url.OriginalString
        : Url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);

    /// <summary>An absolute http or https URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>The request method, upper case.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Request headers in order.</summary>
    public IReadOnlyList<HttpHeader> Headers { get; init; } = [];

    /// <summary>The request body; empty for none.</summary>
    public string Body { get; init; } = "";

    /// <summary>Follow at most 10 redirects; secret headers and auth are dropped when the origin changes.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Which of the name's addresses may be used.</summary>
    public IpFamily IpFamily { get; init; } = IpFamily.Any;

    /// <summary>The HTTP version to speak.</summary>
    public HttpProtocol Version { get; init; } = HttpProtocol.Auto;

    /// <summary>What the answer must look like; null: a status below 400 is ok, 4xx a warning, 5xx an error.</summary>
    public HttpExpectations? Expect { get; init; }

    /// <summary>How the server's certificate is verified, and the client's own.</summary>
    public TlsOptions Tls { get; init; } = TlsOptions.Default;

    /// <summary>The credential that is sent; null for none.</summary>
    public HttpAuth? Auth { get; init; }

    /// <summary>False: a fresh connection each check, so that DNS, TCP and TLS are measured.</summary>
    public bool ReuseConnection { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SecretRef> Secrets =>
        Headers.Where(h => h.Value.Secret is not null).Select(h => h.Value.Secret!.Value)
            .Concat(Auth?.Secrets ?? [])
            .Concat(Tls.Secrets)
            .Distinct();

    /// <inheritdoc/>
    public override IEnumerable<SecretRef> Certificates => Tls.Secrets;
}

/// <summary>One request header.</summary>
/// <param name="Name">The field name.</param>
/// <param name="Value">Its value, literal or from a secret.</param>
public sealed record HttpHeader(string Name, ValueOrSecret Value);

/// <summary>IP address families that a check may use.</summary>
public enum IpFamily
{
    /// <summary>Either.</summary>
    Any,

    /// <summary>IPv4 only.</summary>
    V4,

    /// <summary>IPv6 only.</summary>
    V6,
}

/// <summary>HTTP versions that a check may speak.</summary>
public enum HttpProtocol
{
    /// <summary>HTTP/2 where TLS negotiates it, else HTTP/1.1.</summary>
    Auto,

    /// <summary>HTTP/1.1 only.</summary>
    Http11,

    /// <summary>HTTP/2 only, with prior knowledge on clear text.</summary>
    Http2,
}

/// <summary>A credential for an HTTP check.</summary>
public abstract record HttpAuth
{
    /// <summary>The secrets that it is made of.</summary>
    public abstract IEnumerable<SecretRef> Secrets { get; }
}

/// <summary>HTTP basic authentication (RFC 7617).</summary>
/// <param name="Username">The secret that holds the user name.</param>
/// <param name="Password">The secret that holds the password.</param>
public sealed record BasicAuth(SecretRef Username, SecretRef Password) : HttpAuth
{
    /// <inheritdoc/>
    public override IEnumerable<SecretRef> Secrets => [Username, Password];
}

/// <summary>A bearer token (RFC 6750).</summary>
/// <param name="Token">The secret that holds the token.</param>
public sealed record BearerAuth(SecretRef Token) : HttpAuth
{
    /// <inheritdoc/>
    public override IEnumerable<SecretRef> Secrets => [Token];
}

/// <summary>How TLS is spoken with a target.</summary>
public sealed record TlsOptions
{
    /// <summary>The public roots, the host's own name, and a warning 14 days before the certificate ends.</summary>
    public static TlsOptions Default { get; } = new();

    /// <summary>A PEM bundle of the only trusted roots; null: the system's.</summary>
    public SecretRef? CaSecret { get; init; }

    /// <summary>The client certificate and its key, PEM (<c>tls.crt</c> and <c>tls.key</c>); null for none.</summary>
    public ClientCertificate? ClientCertificate { get; init; }

    /// <summary>The name to send as SNI and to verify; null: the host of the target.</summary>
    public string? ServerName { get; init; }

    /// <summary>True: the certificate is read but not verified.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>A certificate that ends sooner makes health Degraded; the outcome stays.</summary>
    public TimeSpan MinCertificateValidity { get; init; } = TimeSpan.FromHours(336);

    /// <summary>The secrets that it is made of.</summary>
    public IEnumerable<SecretRef> Secrets
    {
        get
        {
            if (CaSecret is { } ca)
                yield return ca;
            if (ClientCertificate is { } client)
            {
                yield return client.Certificate;
                yield return client.PrivateKey;
            }
        }
    }
}

/// <summary>A client certificate.</summary>
/// <param name="Certificate">PEM certificate chain.</param>
/// <param name="PrivateKey">PEM private key.</param>
public sealed record ClientCertificate(SecretRef Certificate, SecretRef PrivateKey);
