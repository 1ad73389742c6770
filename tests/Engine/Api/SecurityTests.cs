using System.Net;
using System.Net.Sockets;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace HealthTrack.Engine.Tests.Api;

public sealed class SecurityTests
{
    private const string Token = "a-token-of-enough-length";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:8000", true)]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("127.200.3.4", true)]
    [InlineData("[::1]:8000", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("[::2]", false)]
    public async Task Host_OnLoopback_MustBeALoopbackName(string name, bool allowed)
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var path in new[] { "/services", "/metrics", "/docs", "/openapi/v1.json", "/nowhere" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = name;
            using var response = await host.Client.SendAsync(request, Cancel);
            Assert.Equal(!allowed, response.StatusCode == HttpStatusCode.MisdirectedRequest);
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "http://localhost.evil.example", false)]
    [InlineData("Origin", "file://localhost/x", false)]
    [InlineData("Origin", "http://127.0.0.1:3000", true)]
    [InlineData("Origin", "http://localhost:3000", true)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", true)]
    public async Task Origin_OnLoopback_MustBeThisMachine(string header, string value, bool allowed)
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var request = new HttpRequestMessage(method, "/services");
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await host.Client.SendAsync(request, Cancel);
            Assert.Equal(!allowed, response.StatusCode == HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task Origin_FollowedLinkToTheDocs_IsAllowed()
    {
        await using var host = await EngineHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/docs");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var response = await host.Client.SendAsync(request, Cancel);
        Assert.NotEqual(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Health_AnyHost_Answers()
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var path in new[] { "/healthz", "/readyz", "/leaderz" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = "10.1.2.3:8000";
            using var response = await host.Client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong-token-of-enough-len", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Basic YTpi", 401)]
    [InlineData("Bearer " + Token, 200)]
    [InlineData("bearer " + Token, 200)]
    public async Task Bearer_WithATokenFile_IsAskedFor(string? authorization, int status)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token");
        await File.WriteAllTextAsync(file, Token + "\n", Cancel);
        await using var host = await EngineHost.StartAsync(configure: o => o with { ApiTokenFile = file });

        using var request = new HttpRequestMessage(HttpMethod.Get, "/services");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await host.Client.SendAsync(request, Cancel);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count > 0);
        foreach (var open in new[] { "/healthz", "/readyz", "/leaderz", "/metrics" })
        {
            using var free = await host.Client.GetAsync(open, Cancel);
            Assert.Equal(HttpStatusCode.OK, free.StatusCode);
        }
        foreach (var closed in new[] { "/docs", "/openapi/v1.json", "/stream", "/workers", "/nowhere" })
        {
            using var refused = await host.Client.GetAsync(closed, Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Bearer_FileChangesOrGoes_TheOldTokenIsNoLongerGood()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token");
        await File.WriteAllTextAsync(file, Token, Cancel);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var token = new ApiToken(file, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<ApiToken>.Instance);
        Assert.True(token.Accepts(Token));

        await File.WriteAllTextAsync(file, "another-token-of-enough-length", Cancel);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(token.Accepts(Token));
        Assert.True(token.Accepts("another-token-of-enough-length"));

        File.Delete(file);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(token.Accepts("another-token-of-enough-length"));

        await File.WriteAllTextAsync(file, Token, Cancel);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(token.Accepts(Token));
    }

    [Theory]
    [InlineData("0.0.0.0", "token")]
    [InlineData("::", "token")]
    [InlineData("10.0.0.1", "token")]
    [InlineData("example.com", "IP address")]
    [InlineData("1", "IP address")]
    [InlineData("", "IP address")]
    public void Build_BindThatIsNotSafe_IsRefusedInASentence(string bind, string says)
    {
        var options = new EngineOptions { Bind = bind, Storage = "sqlite:x.db" };
        var refusal = Assert.Throws<OptionsValidationException>(() => EngineApp.Build(options, _ => { }));
        Assert.Contains(says, EngineApp.Explain(refusal, options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "sqlite:x.db")]
    [InlineData(65536, "sqlite:x.db")]
    [InlineData(8000, "mongodb://x")]
    [InlineData(8000, "sqlite:")]
    [InlineData(8000, "postgres://u:hidden@h")]
    public void Build_WrongSetting_IsRefusedWithoutSecrets(int port, string storage)
    {
        var options = new EngineOptions { ApiPort = port, Storage = storage };
        var refusal = Assert.Throws<OptionsValidationException>(() => EngineApp.Build(options, _ => { }));
        Assert.DoesNotContain("hidden", EngineApp.Explain(refusal, options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public void Build_TokenThatIsTooShort_IsRefused(string token)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("token"), token);
        Assert.Throws<OptionsValidationException>(() => EngineApp.Build(
            new EngineOptions { Bind = "0.0.0.0", Storage = "sqlite:x.db", ApiTokenFile = folder.File("token") }, _ => { }));
    }

    [Fact]
    public async Task Start_PortThatIsTaken_IsExplainedInOneSentence()
    {
        await using var host = await EngineHost.StartAsync();
        using var folder = new TemporaryFolder();
        var options = new EngineOptions { ApiPort = host.Client.BaseAddress!.Port, Storage = $"sqlite:{folder.File("x.db")}" };
        await using var second = EngineApp.Build(options, _ => { });
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => second.StartAsync(Cancel));
        Assert.Contains($"Port {options.ApiPort} on 127.0.0.1 is taken", EngineApp.Explain(failure, options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AddressThatTheMachineHasNot_IsExplained()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("token"), Token, Cancel);
        var options = new EngineOptions
        {
            ApiPort = 0, Bind = "192.0.2.1", ApiTokenFile = folder.File("token"), Storage = $"sqlite:{folder.File("x.db")}",
        };
        await using var app = EngineApp.Build(options, _ => { });
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(Cancel));
        Assert.Contains("no address 192.0.2.1", EngineApp.Explain(failure, options), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_AnotherListenersPort_IsLeftToItsOwner()
    {
        var options = new EngineOptions { Storage = "sqlite:x.db" };
        foreach (var code in new[] { SocketError.AddressAlreadyInUse, SocketError.AccessDenied, SocketError.AddressNotAvailable })
            Assert.Null(EngineApp.Explain(new SocketException((int)code), options));
        var taken = new IOException("Failed to bind to address http://127.0.0.1:8501: address already in use.", new AddressInUseException("taken"));
        Assert.Null(EngineApp.Explain(taken, options));
    }
}
