using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>The client's side of a TLS handshake, with verification of our own so that a refusal names its reason.</summary>
internal sealed class TlsHandshake(TimeProvider time)
{
    /// <summary>Speaks TLS over a connected wire. The certificate's facts go into <paramref name="trace"/> also where it is refused.</summary>
    /// <returns>Null on success, else what went wrong.</returns>
    public async ValueTask<string?> RunAsync(Wire wire, TlsSettings settings, CheckTrace trace, CancellationToken cancellationToken)
    {
        string? refused = null;
        try
        {
            var stream = new SslStream(wire.AsStream(), leaveInnerStreamOpen: false);
            wire.Secure(stream);
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.ServerName,
                    // A check measures the whole handshake.
                    AllowTlsResume = false,
                    ApplicationProtocols = settings.Protocols.Count == 0 ? null : [.. settings.Protocols],
                    CertificateChainPolicy = TrustStore.Nothing(),
                    ClientCertificateContext = settings.ClientCertificate,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        if (certificate is X509Certificate2 leaf)
                            trace.Certificate = new CertificateFacts(leaf.NotAfter.ToUniversalTime(), leaf.Issuer);
                        refused = settings.SkipVerify ? null : Refusal(certificate as X509Certificate2, chain, errors, settings);
                        return refused is null;
                    },
                },
                cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception) when (refused is not null)
        {
            return refused;
        }
        catch (Exception e) when (!Wire.IsBroken(e))
        {
            // The server's alerts (AuthenticationException), and settings that SslStream cannot use, such as a server name that is none.
            return $"TLS: the handshake failed: {OneLine.Of((e.InnerException ?? e).Message)}";
        }
        catch (Exception e)
        {
            return e is OperationCanceledException or ObjectDisposedException || e.InnerException is ObjectDisposedException
                ? "TLS: the handshake did not end in time"
                : $"TLS: the handshake was cut off: the server {Say(e)}";
        }
    }

    private static string Say(Exception e) =>
        (e as SocketException ?? e.InnerException as SocketException) is { } socket
            ? SocketErrors.Say(socket.SocketErrorCode)
            : "closed the connection";

    private string? Refusal(X509Certificate2? leaf, X509Chain? chain, SslPolicyErrors errors, TlsSettings settings)
    {
        if (leaf is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "TLS: the server showed no certificate";
        var now = time.GetUtcNow();
        if (leaf.NotAfter.ToUniversalTime() < now.UtcDateTime)
            return $"TLS: the certificate expired at {Say(leaf.NotAfter)}";
        if (leaf.NotBefore.ToUniversalTime() > now.UtcDateTime)
            return $"TLS: the certificate is not valid before {Say(leaf.NotBefore)}";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"TLS: the certificate is not for {OneLine.Of(settings.ServerName)}{NamesOf(leaf)}";
        var status = settings.Roots.Verify(leaf, chain?.ChainPolicy.ExtraStore ?? [], now);
        if (status == X509ChainStatusFlags.NoError)
            return null;
        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
            return settings.Roots.Count == 0
                ? "TLS: the certificate cannot be verified: no root certificates are installed (set SSL_CERT_FILE)"
                : $"TLS: the certificate is signed by an unknown authority ({OneLine.Of(leaf.Issuer)})";
        if ((status & X509ChainStatusFlags.NotTimeValid) != 0)
            return "TLS: a certificate of the chain is expired or not yet valid";
        return $"TLS: the certificate is not good: {status}";
    }

    private static string Say(DateTime local) =>
        local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string NamesOf(X509Certificate2 leaf)
    {
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(san => san.EnumerateDnsNames().Concat(san.EnumerateIPAddresses().Select(ip => ip.ToString())))
            .Take(4).ToArray();
        return names.Length == 0 ? "" : $" (it names {OneLine.Of(string.Join(", ", names))})";
    }
}
