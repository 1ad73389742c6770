using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>A certification authority of the test's own.</summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 root;

    public Authority(string name = "Test Root", Authority? parent = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        if (parent is not null)
        {
            using var bare = request.Create(parent.root, parent.root.NotBefore.ToUniversalTime(), parent.root.NotAfter.ToUniversalTime(), [1, 2, 3, 4]);
            root = bare.CopyWithPrivateKey(key);
            return;
        }
        root = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddYears(-5), TimeProvider.System.GetUtcNow().AddYears(5));
    }

    /// <summary>The authority's own certificate, with its key; the authority disposes it.</summary>
    public X509Certificate2 Certificate => root;

    public string Pem => root.ExportCertificatePem();

    public X509Certificate2 Issue(string host = "localhost", double fromDays = -1, double toDays = 30, bool client = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.Create(root, now.AddDays(fromDays), now.AddDays(toDays), RandomNumberGenerator.GetBytes(12));
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose() => root.Dispose();
}
