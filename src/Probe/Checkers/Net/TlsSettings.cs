using System.Net.Security;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>How TLS is spoken with one target. Parsed once, shared by its checks.</summary>
/// <param name="ServerName">Sent as SNI (a name, not an address) and verified.</param>
/// <param name="SkipVerify">Read the certificate, accept any.</param>
/// <param name="Roots">The only roots that are trusted.</param>
/// <param name="ClientCertificate">Shown where the server asks; null for none.</param>
/// <param name="Protocols">Offered through ALPN; empty: no ALPN.</param>
internal sealed record TlsSettings(
    string ServerName,
    bool SkipVerify,
    TrustStore Roots,
    SslStreamCertificateContext? ClientCertificate,
    IReadOnlyList<SslApplicationProtocol> Protocols);
