using System.Net;

namespace HealthTrack.Probe.Link;

/// <summary>Where an operator's link listens.</summary>
/// <param name="Host">A name, whose addresses are all tried, or an address.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Tls">Whether TLS is spoken.</param>
internal sealed record OperatorAddress(string Host, int Port, bool Tls)
{
    /// <summary>The port where none is given.</summary>
    public const int DefaultPort = 8001;

    /// <summary>Whether only this machine sees what is said.</summary>
    public bool IsLoopback => IPAddress.TryParse(Host, out var address)
        ? IPAddress.IsLoopback(address)
        : Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address as a URL.</summary>
    public Uri Url => new UriBuilder(Tls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Host, Port).Uri;

    /// <summary>
    /// Reads <c>HOST</c>, <c>HOST:PORT</c>, or either after <c>https://</c> or <c>http://</c>. Without a scheme TLS is spoken but to this machine itself.
    /// </summary>
    /// <returns>Null where it is none.</returns>
    public static OperatorAddress? TryParse(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(scheme < 0 ? $"https://{text}" : text, UriKind.Absolute, out var url)
            || url.Scheme is not ("https" or "http") || url.Host.Length == 0
            || url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            return null;
        // A URL's own default port would be the web's.
        var port = url.IsDefaultPort && !text.EndsWith($":{url.Port}", StringComparison.Ordinal) ? DefaultPort : url.Port;
        var address = new OperatorAddress(url.IdnHost.Trim('[', ']'), port, url.Scheme == "https");
        return scheme < 0 && address.IsLoopback ? address with { Tls = false } : address;
    }

    public override string ToString() => Url.GetLeftPart(UriPartial.Authority);
}
