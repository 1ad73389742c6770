using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>Parsed roots and client certificates. The system's bundle is read once; secrets are kept by their content.</summary>
internal sealed class TlsMaterial(string? bundlePath)
{
    // Past this many different secrets the cache starts anew: it bounds memory, and parsing again is only slow.
    private const int MaxKept = 4096;

    private readonly Lazy<TrustStore> _system = new(() => Load(bundlePath));
    private readonly ConcurrentDictionary<string, TrustStore> _roots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> _clients = new(StringComparer.Ordinal);

    /// <summary>The system's public roots; empty where there are none.</summary>
    public TrustStore System => _system.Value;

    /// <summary>The roots of a PEM bundle.</summary>
    /// <exception cref="CryptographicException">It holds no certificate, or one that cannot be read.</exception>
    public TrustStore Roots(string pem) => Keep(_roots, pem, static pem =>
    {
        var collection = new X509Certificate2Collection();
        collection.ImportFromPem(pem);
        return collection.Count > 0 ? new TrustStore(collection) : throw new CryptographicException("it holds no PEM certificate");
    });

    /// <summary>A client certificate with its chain and key.</summary>
    /// <exception cref="CryptographicException">A part cannot be read, or they do not belong together.</exception>
    public SslStreamCertificateContext Client(string certificatePem, string keyPem) => Keep(_clients, certificatePem + "\n" + keyPem, _ =>
    {
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException(e.Message, e);
        }
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    });

    private static T Keep<T>(ConcurrentDictionary<string, T> kept, string content, Func<string, T> parse)
    {
        // By its hash: the cache must not hold the secret a second time.
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
        if (kept.TryGetValue(key, out var known))
            return known;
        if (kept.Count >= MaxKept)
            kept.Clear();
        return kept.GetOrAdd(key, parse(content));
    }

    private static TrustStore Load(string? path)
    {
        path ??= Environment.GetEnvironmentVariable("SSL_CERT_FILE") is { Length: > 0 } named ? named : "/etc/ssl/certs/ca-certificates.crt";
        var collection = new X509Certificate2Collection();
        if (!File.Exists(path))
            return new TrustStore(collection);
        ReadOnlySpan<char> text = File.ReadAllText(path);
        // One at a time: a root that this OpenSSL cannot read must not take the others with it.
        while (PemEncoding.TryFind(text, out var fields))
        {
            try
            {
                if (text[fields.Label] is "CERTIFICATE")
                    collection.Add(X509Certificate2.CreateFromPem(text[fields.Location]));
            }
            catch (CryptographicException)
            {
                // Not trusted, then.
            }
            text = text[fields.Location.End..];
        }
        return new TrustStore(collection);
    }
}
