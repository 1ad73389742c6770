using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class HttpCheckTests
{
    [Theory]
    [InlineData("https://example.test", "https://example.test")]
    [InlineData("https://example.test/a?b=c#d", "https://example.test/a?b=c#d")]
    [InlineData("https://user:secret@example.test/a?b=c", "https://example.test/a?b=c")]
    [InlineData("https://user@example.test:8443/a", "https://example.test:8443/a")]
    [InlineData("https://:secret@example.test/", "https://example.test/")]
    [InlineData("http://user:s%40cret@[::1]:80/x%20y", "http://[::1]/x%20y")]
    public void Target_OfAUrl_HidesUserInformation(string url, string target) =>
        Assert.Equal(target, new HttpCheck { Url = new Uri(url) }.Target);

    [Fact]
    public void ToString_OfACheckWithUserInformation_DoesNotShowIt() =>
        Assert.DoesNotContain("secret", new HttpCheck { Url = new Uri("https://user:secret@example.test/") }.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Secrets_OfACheck_AreAllThatItNamesOnce()
    {
        var token = new SecretRef("api", "token");
        var check = new HttpCheck
        {
            Url = new Uri("https://example.test/"),
            Headers = [new("X-Key", new(null, token)), new("X-Plain", new("v", null)), new("X-Again", new(null, token))],
            Auth = new BasicAuth(new("login", "user"), new("login", "password")),
            Tls = new TlsOptions
            {
                CaSecret = new("ca", "ca.crt"),
                ClientCertificate = new(new("client", "tls.crt"), new("client", "tls.key")),
            },
        };
        Assert.Equal(
            ["api/token", "login/user", "login/password", "ca/ca.crt", "client/tls.crt", "client/tls.key"],
            check.Secrets.Select(s => s.ToString()));
    }
}
