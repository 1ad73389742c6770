using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>
/// A set of trusted roots. A chain that was found good is remembered by its content until one of its certificates ends: building it anew
/// over the public roots would cost as much as a fifth of a handshake, and, as no revocation is asked for, could only say the same.
/// </summary>
internal sealed class TrustStore(X509Certificate2Collection roots)
{
    // Past this many the memory starts anew.
    private const int MaxRemembered = 4096;

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly ConcurrentDictionary<string, (DateTime From, DateTime Until)> _good = new(StringComparer.Ordinal);

    public int Count => roots.Count;

    /// <summary>Trusts nothing and asks no network: for SslStream, which insists on building a chain, while the real one is built here.</summary>
    public static X509ChainPolicy Nothing() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>Verifies a server's certificate, all but its name.</summary>
    /// <param name="leaf">The server's own.</param>
    /// <param name="presented">The others that it sent.</param>
    /// <param name="now">The time that it must be valid at.</param>
    /// <returns>What is wrong; <see cref="X509ChainStatusFlags.NoError"/> where nothing is.</returns>
    public X509ChainStatusFlags Verify(X509Certificate2 leaf, X509Certificate2Collection presented, DateTimeOffset now)
    {
        var key = Key(leaf, presented);
        if (_good.TryGetValue(key, out var valid) && valid.From <= now.UtcDateTime && now.UtcDateTime <= valid.Until)
            return X509ChainStatusFlags.NoError;
        using var chain = new X509Chain { ChainPolicy = Nothing() };
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(presented);
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        var found = chain.Build(leaf);
        var (from, until) = (DateTime.MinValue, DateTime.MaxValue);
        foreach (var element in chain.ChainElements)
        {
            from = Max(from, element.Certificate.NotBefore.ToUniversalTime());
            until = Min(until, element.Certificate.NotAfter.ToUniversalTime());
            element.Certificate.Dispose();
        }
        if (!found)
            return chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (_good.Count >= MaxRemembered)
            _good.Clear();
        _good[key] = (from, until);
        return X509ChainStatusFlags.NoError;
    }

    private static DateTime Max(DateTime a, DateTime b) => a > b ? a : b;

    private static DateTime Min(DateTime a, DateTime b) => a < b ? a : b;

    private static string Key(X509Certificate2 leaf, X509Certificate2Collection presented)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(leaf.RawDataMemory.Span);
        foreach (var certificate in presented)
            hash.AppendData(certificate.RawDataMemory.Span);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }
}
