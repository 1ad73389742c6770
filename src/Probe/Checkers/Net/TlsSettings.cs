using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

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

/// <summary>A set of trusted roots.</summary>
internal sealed class TrustStore(X509Certificate2Collection roots)
{
    public int Count => roots.Count;

    /// <summary>
    /// A policy that trusts these roots alone and asks no network: no downloads, no revocation. The system's store is reopened by every
    /// chain that is built, which costs half a millisecond a check. A new object each time: SslStream adds to it.
    /// </summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.NoFlag,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(ServerAuthentication);
        return policy;
    }

    private static readonly System.Security.Cryptography.Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
}
