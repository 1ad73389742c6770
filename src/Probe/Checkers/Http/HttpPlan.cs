using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>
/// All of an HTTP check that its assignment alone decides: the request's bytes, parsed certificates, compiled expectations. Made once an
/// assignment, because making it costs more than a check.
/// </summary>
internal sealed class HttpPlan
{
    private static readonly string UserAgent =
        $"HealthTrack/{typeof(HttpPlan).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}";

    // Sent where the check does not say otherwise; the same list for all checks that say nothing. A compressed answer is never unpacked: it could be a bomb, and
    // expectations are about text.
    private static readonly RequestHeader[] OwnHeaders =
        [new("User-Agent", UserAgent, false), new("Accept", "*/*", false), new("Accept-Encoding", "identity", false)];

    private readonly HttpCheck _check;
    private readonly TlsMaterial _material;
    private readonly IReadOnlyDictionary<SecretRef, string> _secrets;

    private HttpPlan(Assignment assignment, HttpCheck check, TlsMaterial material)
    {
        _check = check;
        _material = material;
        _secrets = assignment.Secrets;
        Secrets = SecretScrubber.Of(Sensitive([]));
    }

    public HttpJudge Judge => field ??= _check.Expect is null ? HttpJudge.WithoutExpectations : new HttpJudge(_check.Expect, Secrets);

    /// <summary>What no message may show.</summary>
    public SecretScrubber Secrets { get; private set; }

    /// <summary>Whether connections outlive the check.</summary>
    public bool ReuseConnection => _check.ReuseConnection;

    /// <summary>The first request; null where <see cref="Problem"/> says why there is none.</summary>
    public HttpHop? First { get; private set; }

    /// <summary>What keeps the check from being made at all, one line.</summary>
    public string? Problem { get; private set; }

    public static HttpPlan Of(Assignment assignment, TlsMaterial material)
    {
        var check = (HttpCheck)assignment.Check;
        var plan = new HttpPlan(assignment, check, material);
        try
        {
            if (check.Method.Length == 0 || !check.Method.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                throw new UnusableCheckException($"\"{OneLine.Of(check.Method, 40)}\" is no request method");
            var headers = plan.Headers();
            plan.Secrets = SecretScrubber.Of(plan.Sensitive(headers));
            plan.First = plan.Hop(check.Url, check.Method, headers, Encoding.UTF8.GetBytes(check.Body), atOrigin: true);
        }
        catch (UnusableCheckException e)
        {
            plan.Problem = e.Message;
        }
        return plan;
    }

    /// <summary>The request that a redirect asks for (RFC 9110, section 15.4), or why it is not followed.</summary>
    public (HttpHop? Next, string? Problem) Follow(HttpHop hop, int status, string location)
    {
        if (!Uri.TryCreate(hop.Url, location, out var url))
            return (null, $"redirect: \"{Secrets.OneLineOf(location, 80)}\" is no URL");
        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            return (null, $"redirect: to {Secrets.OneLineOf(url.Scheme, 20)}: is refused; only http and https are followed");
        if (url.IdnHost.Length == 0)
            return (null, $"redirect: \"{Secrets.OneLineOf(location, 80)}\" names no host");
        var atOrigin = hop.AtOrigin && SameOrigin(_check.Url, url);
        // 303 asks for a GET whatever was sent; after 301 and 302 every client turns POST into GET, as the RFC allows.
        var get = (status == 303 && hop.Method is not ("GET" or "HEAD")) || (status is 301 or 302 && hop.Method == "POST");
        var headers = hop.Headers.Where(h =>
            (atOrigin || !(h.Credential || h.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)))
            && !(get && h.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))).ToArray();
        try
        {
            return (Hop(url, get ? "GET" : hop.Method, headers, get ? [] : hop.Body, atOrigin), null);
        }
        catch (UnusableCheckException e)
        {
            return (null, e.Message);
        }
    }

    private static bool SameOrigin(Uri a, Uri b) =>
        a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    private HttpHop Hop(Uri url, string method, IReadOnlyList<RequestHeader> headers, byte[] body, bool atOrigin) => new()
    {
        Url = url,
        Method = method,
        Headers = headers,
        Body = body,
        Version = _check.Version,
        FollowRedirects = _check.FollowRedirects,
        KeepHeaders = Judge.NeedsHeaders,
        Secrets = Secrets,
        AtOrigin = atOrigin,
        Target = new ConnectTarget(
            url.IdnHost.Trim('[', ']'), url.Port, _check.IpFamily, url.Scheme == Uri.UriSchemeHttps ? Tls(url, atOrigin) : null),
    };

    /// <summary>Away from the origin of the check its server name would be wrong, and its client certificate is a credential.</summary>
    private TlsSettings Tls(Uri url, bool atOrigin)
    {
        var tls = _check.Tls;
        return new TlsSettings(
            atOrigin && tls.ServerName is { Length: > 0 } name ? name : url.IdnHost.Trim('[', ']'),
            tls.InsecureSkipVerify,
            tls.CaSecret is { } ca ? Parse(ca, "the CA bundle", _material.Roots) : _material.System,
            atOrigin && tls.ClientCertificate is { } client
                ? Parse(client.Certificate, "the client certificate", pem => _material.Client(pem, Secret(client.PrivateKey)))
                : null,
            _check.Version switch
            {
                HttpProtocol.Http11 => [SslApplicationProtocol.Http11],
                HttpProtocol.Http2 => [SslApplicationProtocol.Http2],
                _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            });
    }

    private T Parse<T>(SecretRef reference, string what, Func<string, T> parse)
    {
        try
        {
            return parse(Secret(reference));
        }
        catch (CryptographicException e)
        {
            throw new UnusableCheckException($"{what} in secret {reference} cannot be used: {Secrets.OneLineOf(e.Message)}");
        }
    }

    private RequestHeader[] Headers()
    {
        if (_check.Headers.Count == 0 && Authorization() is null)
            return OwnHeaders;
        var headers = new List<RequestHeader>();
        foreach (var (name, value) in _check.Headers)
        {
            // The framing is ours: a length that is not the body's would be a request of another size.
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                continue;
            var text = value.Secret is { } secret ? Secret(secret).Trim() : value.Literal ?? "";
            Usable(name, text);
            headers.Add(new RequestHeader(name, text, value.Secret is not null || IsCredential(name)));
        }
        if (Authorization() is { } authorization)
        {
            Usable("Authorization", authorization);
            headers.RemoveAll(h => h.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
            headers.Add(new RequestHeader("Authorization", authorization, true));
        }
        foreach (var own in OwnHeaders)
            Default(headers, own);
        return headers.ToArray();
    }

    /// <summary>What is sent and must not be shown: secrets, credentials as they are sent, and the URL's user information.</summary>
    private IEnumerable<string> Sensitive(IEnumerable<RequestHeader> headers)
    {
        foreach (var (reference, value) in _secrets)
            // Certificates are public, and a bundle of them has thousands of lines.
            if (reference != _check.Tls.CaSecret && reference != _check.Tls.ClientCertificate?.Certificate)
                yield return value;
        foreach (var header in headers.Where(h => h.Credential))
        {
            yield return header.Value;
            // Without its scheme: the base64 of a pair, a token.
            if (header.Name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase) && header.Value.Split(' ', 2) is [_, var credential])
                yield return credential;
        }
        var user = _check.Url.UserInfo;
        foreach (var part in (string[])[user, .. user.Split(':', 2).Skip(1)])
        {
            yield return part;
            yield return Uri.UnescapeDataString(part);
        }
    }

    private string? Authorization() => _check.Auth switch
    {
        BasicAuth basic => Basic($"{Secret(basic.Username).Trim()}:{Secret(basic.Password).TrimEnd('\r', '\n')}"),
        BearerAuth bearer => $"Bearer {Secret(bearer.Token).Trim()}",
        _ when _check.Url.UserInfo.Length > 0 => Basic(Uri.UnescapeDataString(_check.Url.UserInfo)),
        _ => null,
    };

    private static string Basic(string pair) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";

    private string Secret(SecretRef reference) =>
        _secrets.TryGetValue(reference, out var value) ? value : throw new UnusableCheckException($"secret {reference} is missing");

    private static bool IsCredential(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Proxy-Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase);

    private static void Usable(string name, string value)
    {
        if (name.Length == 0 || name.Any(c => c is ' ' or ':' || char.IsControl(c)))
            throw new UnusableCheckException($"header \"{OneLine.Of(name, 60)}\" has no usable name");
        if (value.AsSpan().ContainsAny("\r\n\0"))
            throw new UnusableCheckException($"the value of header {name} holds a line break");
    }

    private static void Default(List<RequestHeader> headers, RequestHeader own)
    {
        if (!headers.Any(h => h.Name.Equals(own.Name, StringComparison.OrdinalIgnoreCase)))
            headers.Add(own);
    }

    /// <summary>Caught where the plan is made; the sentence is the check's message.</summary>
    private sealed class UnusableCheckException(string message) : Exception(message);
}
