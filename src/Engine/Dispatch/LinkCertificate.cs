using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// The certificate of the link with the intermediate ones that follow it, from two PEM files that are looked at once a second at most and read anew when one of them
/// changed. A new one that cannot be used leaves the one before in place. Thread-safe.
/// </summary>
internal sealed class LinkCertificate(string certificate, string key, TimeProvider time, ILogger<LinkCertificate> log)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _current;
    private (DateTime, DateTime) _seen;
    private long _lookedAt;

    /// <summary>The certificate now; null where there never was one that could be used.</summary>
    public SslStreamCertificateContext? Current
    {
        get
        {
            lock (_gate)
            {
                if (_current is null || time.GetElapsedTime(_lookedAt) >= LookAgain)
                    Look();
                return _current;
            }
        }
    }

    /// <summary>What keeps two files from being used, as a sentence; null where nothing does.</summary>
    public static string? Problem(string certificate, string key)
    {
        try
        {
            _ = Read(certificate, key);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"The link's certificate {certificate} with the key {key} cannot be used: {e.Message}";
        }
    }

    private void Look()
    {
        _lookedAt = time.GetTimestamp();
        var seen = (Written(certificate), Written(key));
        if (seen == _seen)
            return;
        // The two files are replaced one after the other: between the two they do not fit, and are looked at again.
        if (Problem(certificate, key) is { } problem)
        {
            Log.CertificateUnusable(log, problem);
            return;
        }
        // The one before is not disposed: a handshake may be using it.
        (_current, _seen) = (Read(certificate, key), seen);
    }

    // A secret that Kubernetes mounts is a link: it is the file behind it that changes.
    private static DateTime Written(string file)
    {
        var target = new FileInfo(file);
        return (target.Exists && target.ResolveLinkTarget(returnFinalTarget: true) is FileInfo final ? final : target).LastWriteTimeUtc;
    }

    // Workers know the roots alone: what lies between is sent with the first, and looked for nowhere else.
    private static SslStreamCertificateContext Read(string certificate, string key)
    {
        var leaf = X509Certificate2.CreateFromPemFile(certificate, key);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(certificate);
        return SslStreamCertificateContext.Create(leaf, [.. all.Skip(1)], offline: true);
    }
}
