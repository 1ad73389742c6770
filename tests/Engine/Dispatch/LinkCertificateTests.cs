using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthTrack.Engine.Dispatch;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Dispatch;

public sealed class LinkCertificateTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Current_WithIntermediates_SendsThemToWhomKnowsTheRootAlone()
    {
        using var root = Authority("root", null);
        using var between = Authority("between", root);
        var certificate = Write(between, out var key);
        var loaded = new LinkCertificate(certificate, key, new FakeTimeProvider(), NullLogger<LinkCertificate>.Instance);

        var (to, from) = Pipes();
        await using var server = new SslStream(from);
        await using var client = new SslStream(to, false, (_, shown, chain, _) =>
        {
            using var judge = new X509Chain();
            judge.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            judge.ChainPolicy.CustomTrustStore.Add(root);
            judge.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            judge.ChainPolicy.DisableCertificateDownloads = true;
            // What the server sent, and nothing that this machine has.
            judge.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
            return judge.Build(new X509Certificate2(shown!));
        });
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = loaded.Current }, TestContext.Current.CancellationToken),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "operator" }, TestContext.Current.CancellationToken));
        Assert.True(client.IsAuthenticated);
    }

    private static (Stream, Stream) Pipes()
    {
        var (up, down) = (new System.IO.Pipelines.Pipe(), new System.IO.Pipelines.Pipe());
        return (new Duplex(down.Reader.AsStream(), up.Writer.AsStream()), new Duplex(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    private string Write(X509Certificate2 issuer, out string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("operator");
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(issuer, From, From.AddYears(50), [1]);
        var file = _folder.File("tls.crt");
        File.WriteAllText(file, leaf.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem());
        keyFile = _folder.File("tls.key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return file;
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return issuer is null ? request.CreateSelfSigned(From, From.AddYears(60)) : request.Create(issuer, From, From.AddYears(55), [2]).CopyWithPrivateKey(key);
    }

    private sealed class Duplex(Stream reads, Stream writes) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => writes.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => writes.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => reads.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => reads.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => writes.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => writes.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
