using System.Globalization;
using System.Text;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>One header of a request.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">Its value, without line breaks.</param>
/// <param name="Credential">It must not travel to another origin.</param>
internal readonly record struct RequestHeader(string Name, string Value, bool Credential);

/// <summary>One request of a check: the first, or one that a redirect asked for. Immutable, so the first one is made once.</summary>
internal sealed class HttpHop
{
    private byte[]? _http11;

    public required Uri Url { get; init; }
    public required string Method { get; init; }
    public required IReadOnlyList<RequestHeader> Headers { get; init; }
    public required byte[] Body { get; init; }
    public required ConnectTarget Target { get; init; }
    public required HttpProtocol Version { get; init; }
    public required bool FollowRedirects { get; init; }

    /// <summary>Somebody will look at the answer's header fields.</summary>
    public required bool KeepHeaders { get; init; }

    /// <summary>What no message about the answer may show.</summary>
    public required SecretScrubber Secrets { get; init; }

    /// <summary>No redirect has left the origin of the check yet.</summary>
    public required bool AtOrigin { get; init; }

    public bool IsRedirect(int status) => FollowRedirects && status is 301 or 302 or 303 or 307 or 308;

    public bool ReadsHeaders(int status) => KeepHeaders || IsRedirect(status);

    /// <summary>The whole request as HTTP/1.1 bytes.</summary>
    public byte[] Http11Request => _http11 ??= Write();

    private byte[] Write()
    {
        var head = new StringBuilder(512);
        head.Append(Method).Append(' ').Append(Url.GetComponents(UriComponents.PathAndQuery, UriFormat.UriEscaped)).Append(" HTTP/1.1\r\n");
        if (!Has("Host"))
            head.Append("Host: ").Append(HostField(Url)).Append("\r\n");
        foreach (var header in Headers)
            head.Append(header.Name).Append(": ").Append(header.Value).Append("\r\n");
        if (Body.Length > 0 || Method is "POST" or "PUT" or "PATCH")
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        if (!Has("Connection"))
            head.Append("Connection: close\r\n");
        head.Append("\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Body];
    }

    private bool Has(string name) => Headers.Any(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string HostField(Uri url)
    {
        var host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost.Trim('[', ']').Split('%')[0]}]" : url.IdnHost;
        return url.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{url.Port}");
    }
}
