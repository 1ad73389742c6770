using System.Security.Cryptography.X509Certificates;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using HttpProtocol = HealthTrack.Core.Monitors.HttpProtocol;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>TLS with certificates made here, and HTTP/2.</summary>
public sealed class HttpTlsTests : IDisposable
{
    private static readonly SecretRef Ca = new("tls", "ca.crt");
    private static readonly SecretRef Cert = new("client", "tls.crt");
    private static readonly SecretRef Key = new("client", "tls.key");

    private readonly Authority authority = new();

    public void Dispose() => authority.Dispose();

    private static Task Hello(HttpContext context) => context.Response.WriteAsync($"hello over {context.Request.Protocol}");

    private Task<ExplainedResult> RunAsync(HttpCheck check, params (SecretRef, string)[] secrets) =>
        Checks.Checker().RunAsync(Checks.Assignment(
            check with { Tls = check.Tls with { CaSecret = check.Tls.CaSecret ?? Ca } }, null, [(Ca, authority.Pem), .. secrets]));

    private static HttpCheck Check(WebServer server, string host = "localhost") => new() { Url = new Uri($"https://{host}:{server.Port}/") };

    [Theory]
    [InlineData(HttpProtocols.Http1, HttpProtocol.Auto, "HTTP/1.1")]
    [InlineData(HttpProtocols.Http1AndHttp2, HttpProtocol.Auto, "HTTP/2")]
    [InlineData(HttpProtocols.Http1AndHttp2, HttpProtocol.Http11, "HTTP/1.1")]
    [InlineData(HttpProtocols.Http1AndHttp2, HttpProtocol.Http2, "HTTP/2")]
    public async Task Check_GoodCertificate_OkOverNegotiatedVersion(HttpProtocols offered, HttpProtocol asked, string spoken)
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, offered, certificate);
        var explained = await RunAsync(Check(server) with
        {
            Version = asked,
            Expect = new HttpExpectations { Status = [new StatusRange(200, 200)], Body = [new BodyContains("hello over " + spoken)], Headers = [new HeaderExpectation("Server", "Kestrel", null)] },
        });
        Assert.Equal((Outcome.Ok, null), (explained.Result.Outcome, explained.Result.Message));
        Assert.Equal(spoken, explained.Protocol);
        Assert.True(explained.Result.Phases is { Connect: > 0, Tls: > 0, FirstByte: > 0 }, $"{explained.Result.Phases}");
        Assert.Equal(new DateTimeOffset(certificate.NotAfter.ToUniversalTime()), explained.Result.Certificate!.NotAfter);
        Assert.Equal("CN=Test Root", explained.Result.Certificate.Issuer);
    }

    [Fact]
    public async Task Check_CertificateForAddress_Ok()
    {
        using var certificate = authority.Issue("127.0.0.1");
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        Assert.Equal(Outcome.Ok, (await RunAsync(Check(server, "127.0.0.1"))).Result.Outcome);
    }

    [Theory]
    [InlineData("localhost", -60, -1, "TLS: the certificate expired at ")]
    [InlineData("localhost", 1, 30, "TLS: the certificate is not valid before ")]
    [InlineData("other.example", -1, 30, "TLS: the certificate is not for localhost (it names other.example)")]
    public async Task Check_BadCertificate_DownSaysWhichAndKeepsFacts(string name, int fromDays, int toDays, string message)
    {
        using var certificate = authority.Issue(name, fromDays, toDays);
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var result = (await RunAsync(Check(server))).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith(message, result.Message, StringComparison.Ordinal);
        Assert.Equal("CN=Test Root", result.Certificate!.Issuer);
        Assert.Empty(server.Connections);
        // The same target is well for a check that does not verify.
        var skipped = (await RunAsync(Check(server) with { Tls = new TlsOptions { InsecureSkipVerify = true } })).Result;
        Assert.Equal((Outcome.Ok, "CN=Test Root"), (skipped.Outcome, skipped.Certificate!.Issuer));
    }

    [Theory]
    [InlineData(true, Outcome.Ok)]
    [InlineData(false, Outcome.Down)]
    public async Task Check_CertificateOfIntermediate_GoodOnlyWhereItIsSent(bool sent, Outcome outcome)
    {
        using var middle = new Authority("Test Intermediate", authority);
        using var certificate = middle.Issue();
        await using var server = await WebServer.StartAsync(
            Hello, HttpProtocols.Http1, certificate, tls => tls.ServerCertificateChain = sent ? [middle.Certificate] : []);
        var checker = Checks.Checker();
        var assignment = Checks.Assignment(Check(server) with { Tls = new TlsOptions { CaSecret = Ca } }, null, (Ca, authority.Pem));
        for (var i = 0; i < 2; i++)
            Assert.Equal(outcome, (await checker.RunAsync(assignment)).Result.Outcome);
    }

    [Fact]
    public async Task Check_ServerNameThatIsNone_Down()
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var result = (await RunAsync(Check(server) with { Tls = new TlsOptions { ServerName = new string('x', 70) + "..\u00ff" } })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("TLS: ", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RedirectToOtherOrigin_ClientCertificateIsNotShown()
    {
        using var certificate = authority.Issue();
        using var client = authority.Issue("prober", client: true);
        var shown = 0;
        void Ask(HttpsConnectionAdapterOptions tls)
        {
            tls.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            tls.ClientCertificateValidation = (_, _, _) => Interlocked.Increment(ref shown) > 0;
        }
        await using var other = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate, Ask);
        await using var server = await WebServer.StartAsync(context =>
        {
            context.Response.Redirect($"https://localhost:{other.Port}/");
            return Task.CompletedTask;
        }, HttpProtocols.Http1, certificate, Ask);
        var check = Check(server) with { Tls = new TlsOptions { ClientCertificate = new ClientCertificate(Cert, Key) } };
        var result = (await RunAsync(check, (Cert, client.ExportCertificatePem()), (Key, client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()))).Result;
        Assert.Equal((Outcome.Ok, null), (result.Outcome, result.Message));
        Assert.Single(other.Connections);
        Assert.Equal(1, shown);
    }

    [Fact]
    public async Task Check_UnknownRoot_Down()
    {
        using var other = new Authority("Other Root");
        using var certificate = other.Issue();
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var result = (await RunAsync(Check(server))).Result;
        Assert.Equal((Outcome.Down, "TLS: the certificate is signed by an unknown authority (CN=Other Root)"), (result.Outcome, result.Message));
        Assert.Equal("CN=Other Root", result.Certificate!.Issuer);
    }

    [Fact]
    public async Task Check_SystemBundle_IsTrusted()
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var bundle = Path.GetTempFileName();
        await File.WriteAllTextAsync(bundle, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + authority.Pem, TestContext.Current.CancellationToken);
        try
        {
            var trusting = await Checks.Checker(bundle: bundle).RunAsync(Checks.Assignment(Check(server)));
            Assert.Equal((Outcome.Ok, null), (trusting.Result.Outcome, trusting.Result.Message));
            var without = await Checks.Checker(bundle: "/nonexistent").RunAsync(Checks.Assignment(Check(server)));
            Assert.Equal("TLS: the certificate cannot be verified: no root certificates are installed (set SSL_CERT_FILE)", without.Result.Message);
        }
        finally
        {
            File.Delete(bundle);
        }
    }

    [Fact]
    public async Task Check_ServerName_IsSentAndVerified()
    {
        using var certificate = authority.Issue("virtual.example");
        string? asked = null;
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate, tls => tls.ServerCertificateSelector = (_, name) =>
        {
            asked = name;
            return certificate;
        });
        var result = (await RunAsync(Check(server) with { Tls = new TlsOptions { ServerName = "virtual.example" } })).Result;
        Assert.Equal((Outcome.Ok, null), (result.Outcome, result.Message));
        Assert.Equal("virtual.example", asked);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Check_ClientCertificate_IsShown(HttpProtocols protocol)
    {
        using var certificate = authority.Issue();
        using var client = authority.Issue("prober", client: true);
        var shown = new List<string>();
        await using var server = await WebServer.StartAsync(Hello, protocol, certificate, tls =>
        {
            tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            tls.ClientCertificateValidation = (given, _, _) =>
            {
                shown.Add(given.Subject);
                return true;
            };
        });
        var check = Check(server) with { Tls = new TlsOptions { ClientCertificate = new ClientCertificate(Cert, Key) } };
        var key = client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var good = (await RunAsync(check, (Cert, client.ExportCertificatePem()), (Key, key))).Result;
        Assert.Equal((Outcome.Ok, null), (good.Outcome, good.Message));
        Assert.Equal(["CN=prober"], shown);

        var without = (await RunAsync(Check(server))).Result;
        Assert.Equal(Outcome.Down, without.Outcome);
        var broken = (await RunAsync(check, (Cert, "not a certificate"), (Key, key))).Result;
        Assert.Equal(Outcome.Down, broken.Outcome);
        Assert.StartsWith("the client certificate in secret client/tls.crt cannot be used: ", broken.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_BrokenCaSecret_DownNamesIt()
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var other = new SecretRef("bad", "ca");
        var result = (await RunAsync(Check(server) with { Tls = new TlsOptions { CaSecret = other } }, (other, "nonsense"))).Result;
        Assert.Equal((Outcome.Down, "the CA bundle in secret bad/ca cannot be used: it holds no PEM certificate"), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task Check_ServerWithoutTls_Down()
    {
        await using var server = new RawServer((stream, _, token) => stream.WriteAsync("HTTP/1.1 400 Bad\r\n\r\n"u8.ToArray(), token).AsTask(), readRequest: false);
        var result = (await RunAsync(new HttpCheck { Url = new Uri($"https://127.0.0.1:{server.Port}/") })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("TLS: the handshake ", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ServerSilentInHandshake_DownAtTimeLimit()
    {
        await using var server = new RawServer((_, _, token) => Task.Delay(Timeout.Infinite, token), readRequest: false);
        var result = (await Checks.RunAsync(new HttpCheck { Url = new Uri($"https://127.0.0.1:{server.Port}/") }, TimeSpan.FromMilliseconds(150))).Result;
        Assert.Equal((Outcome.Down, "no whole answer within 0.15 s: TLS: the handshake did not end in time"), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task Check_Http2WantedButNotOffered_Down()
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http1, certificate);
        var result = (await RunAsync(Check(server) with { Version = HttpProtocol.Http2 })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("TLS: ", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Http2ClearText_PriorKnowledge()
    {
        await using var server = await WebServer.StartAsync(Hello, HttpProtocols.Http2);
        var explained = await Checks.RunAsync(new HttpCheck { Url = new Uri($"http://127.0.0.1:{server.Port}/"), Version = HttpProtocol.Http2 });
        Assert.Equal((Outcome.Ok, "HTTP/2"), (explained.Result.Outcome, explained.Protocol));
        await using var old = RawServer.Answering("HTTP/1.1 400 Bad Request\r\n\r\n");
        var result = (await Checks.RunAsync(new HttpCheck { Url = old.Url, Version = HttpProtocol.Http2 })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("HTTP: ", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocols.Http2)]
    public async Task Check_Http2SlowOrEndlessBody_TimeLimitAndMebibyte(HttpProtocols protocol)
    {
        using var certificate = authority.Issue();
        await using var server = await WebServer.StartAsync(async context =>
        {
            var piece = new byte[8192];
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            while (context.Request.Path == "/endless")
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }, protocol, certificate);
        var endless = await RunAsync(Check(server) with { Url = new Uri($"https://localhost:{server.Port}/endless") });
        Assert.Equal((Outcome.Ok, 1 << 20), (endless.Result.Outcome, (int)endless.BodyBytes));
        var slow = await Checks.Checker().RunAsync(Checks.Assignment(
            Check(server) with { Tls = new TlsOptions { CaSecret = Ca } }, TimeSpan.FromMilliseconds(500), (Ca, authority.Pem)));
        Assert.Equal(Outcome.Down, slow.Result.Outcome);
        Assert.StartsWith("no whole answer within 0.5 s", slow.Result.Message, StringComparison.Ordinal);
    }
}
