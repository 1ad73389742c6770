using System.Net;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

public sealed class NameResolverTests : IDisposable
{
    private readonly string hosts = Path.GetTempFileName();
    private readonly string resolv = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(hosts);
        File.Delete(resolv);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private NameResolver Resolver(DnsServer server, string conf = "")
    {
        File.WriteAllText(resolv, conf);
        return new NameResolver(hosts, resolv, text => ResolverSettings.Parse(text) with { Servers = [server.EndPoint] });
    }

    [Fact]
    public void Parse_ResolvConf_AsResolvConf5()
    {
        var settings = ResolverSettings.Parse("""
            # a comment
            nameserver 10.0.0.10
            nameserver fd00::10 ; and another
            nameserver not-an-address
            nameserver 10.0.0.11
            nameserver 10.0.0.12
            domain old.example
            search ns.svc.cluster.local svc.cluster.local. cluster.local
            options ndots:5 timeout:2 attempts:99 rotate bogus:
            """);
        Assert.Equal(["10.0.0.10:53", "[fd00::10]:53", "10.0.0.11:53"], settings.Servers.Select(s => s.ToString()));
        Assert.Equal(["ns.svc.cluster.local", "svc.cluster.local", "cluster.local"], settings.Search);
        Assert.Equal((5, TimeSpan.FromSeconds(2), 5), (settings.Ndots, settings.Timeout, settings.Attempts));
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)], ResolverSettings.Parse("").Servers);
    }

    [Theory]
    [InlineData("api", 1, "api.a,api.b,api")]
    [InlineData("api.shop", 1, "api.shop,api.shop.a,api.shop.b")]
    [InlineData("api.shop", 5, "api.shop.a,api.shop.b,api.shop")]
    [InlineData("api.shop.", 5, "api.shop")]
    public void Candidates_ByNdots_InOrder(string name, int ndots, string expected) =>
        Assert.Equal(expected.Split(','), NameResolver.Candidates(name, ResolverSettings.Default with { Search = ["a", "b"], Ndots = ndots }));

    [Fact]
    public async Task Resolve_HostsFile_ReadAgainWhenChanged()
    {
        await using var server = new DnsServer(_ => (3, []));
        var resolver = Resolver(server);
        await File.WriteAllTextAsync(hosts, "127.0.0.2 one.test two.test # comment\n::1 one.test\nbad line\n", Token);
        Assert.Equal(["127.0.0.2", "::1"], (await resolver.ResolveAsync("ONE.test.", IpFamily.Any, Token)).Addresses.Select(a => a.ToString()));
        Assert.Equal(["::1"], (await resolver.ResolveAsync("one.test", IpFamily.V6, Token)).Addresses.Select(a => a.ToString()));
        Assert.Equal("DNS: no such host two.test (only IPv6 is asked for)", (await resolver.ResolveAsync("two.test", IpFamily.V6, Token)).Failure);
        await File.WriteAllTextAsync(hosts, "127.0.0.33 one.test\n", Token);
        Assert.Equal(["127.0.0.33"], (await resolver.ResolveAsync("one.test", IpFamily.Any, Token)).Addresses.Select(a => a.ToString()));
        Assert.Empty(server.Questions);
    }

    [Fact]
    public async Task Resolve_LocalhostAndLiterals_AskNobody()
    {
        await using var server = new DnsServer(_ => (3, []));
        var resolver = Resolver(server);
        Assert.Equal(["127.0.0.1", "::1"], (await resolver.ResolveAsync("localhost", IpFamily.Any, Token)).Addresses.Select(a => a.ToString()));
        Assert.Equal(["127.0.0.1"], (await resolver.ResolveAsync("x.localhost", IpFamily.V4, Token)).Addresses.Select(a => a.ToString()));
        Assert.Equal(["::1"], (await resolver.ResolveAsync("::1", IpFamily.Any, Token)).Addresses.Select(a => a.ToString()));
        Assert.NotNull((await resolver.ResolveAsync("127.0.0.1", IpFamily.V6, Token)).Failure);
        Assert.Empty(server.Questions);
    }

    [Fact]
    public async Task Resolve_SearchDomains_TriedInOrderAOnlyOnceAnswered()
    {
        await using var server = new DnsServer(q => q.StartsWith("api.b/", StringComparison.Ordinal) ? (0, ["127.0.0.5"]) : (3, []));
        var resolver = Resolver(server, "search a b c\noptions ndots:5\n");
        var resolution = await resolver.ResolveAsync("api", IpFamily.Any, Token);
        Assert.Equal(["127.0.0.5"], resolution.Addresses.Select(a => a.ToString()));
        Assert.Equal(["api.a/A", "api.a/AAAA", "api.b/A", "api.b/AAAA"], server.Questions.Order());
    }

    [Fact]
    public async Task Resolve_Family_AsksOnlyForIt()
    {
        await using var server = new DnsServer(_ => (0, ["127.0.0.5", "::1"]));
        var resolver = Resolver(server);
        Assert.Equal(["127.0.0.5"], (await resolver.ResolveAsync("x.test", IpFamily.V4, Token)).Addresses.Select(a => a.ToString()));
        Assert.Equal(["x.test/A"], server.Questions);
        Assert.Equal(2, (await resolver.ResolveAsync("x.test", IpFamily.Any, Token)).Addresses.Count);
    }

    [Theory]
    [InlineData(3, "DNS: no such host x.test")]
    [InlineData(0, "DNS: no such host x.test")]
    [InlineData(2, "DNS: the name server answered SERVFAIL for x.test")]
    [InlineData(5, "DNS: the name server answered REFUSED for x.test")]
    public async Task Resolve_NoAddresses_SaysWhy(int code, string message)
    {
        await using var server = new DnsServer(_ => (code, []));
        Assert.Equal(message, (await Resolver(server).ResolveAsync("x.test", IpFamily.Any, Token)).Failure);
    }

    [Fact]
    public async Task Resolve_AnswerThatIsNonsense_IsValue()
    {
        await using var server = new DnsServer(_ => (-1, []));
        var resolver = Resolver(server, "options timeout:1 attempts:1\n");
        Assert.StartsWith("DNS: ", (await resolver.ResolveAsync("x.test", IpFamily.V4, Token)).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_OneFamilyFails_OtherIsUsed()
    {
        await using var server = new DnsServer(q => q.EndsWith("AAAA", StringComparison.Ordinal) ? (2, []) : (0, ["127.0.0.5"]));
        var resolution = await Resolver(server).ResolveAsync("x.test", IpFamily.Any, Token);
        Assert.Equal((1, null), (resolution.Addresses.Count, resolution.Failure));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("ü.test")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test")]
    public async Task Resolve_NameThatIsNone_IsValue(string name)
    {
        await using var server = new DnsServer(_ => (3, []));
        Assert.StartsWith("DNS: ", (await Resolver(server).ResolveAsync(name, IpFamily.Any, Token)).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SilentNameServer_DownAtTimeLimit()
    {
        await using var server = new DnsServer(_ => null);
        var check = new HttpCheck { Url = new Uri("http://x.test/") };
        var result = (await Checks.Checker(resolver: Resolver(server)).RunAsync(Checks.Assignment(check, TimeSpan.FromMilliseconds(200)))).Result;
        Assert.Equal((Outcome.Down, "no whole answer within 0.2 s: DNS: no answer for x.test in time"), (result.Outcome, result.Message));
        Assert.True(result.Phases.Dns > 0);
    }

    [Fact]
    public async Task Check_FirstAddressRefuses_NextIsUsed()
    {
        await using var target = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var server = new DnsServer(_ => (0, ["127.0.0.77", "127.0.0.1"]));
        var explained = await Checks.Checker(resolver: Resolver(server))
            .RunAsync(Checks.Assignment(new HttpCheck { Url = new Uri($"http://x.test:{target.Port}/"), IpFamily = IpFamily.V4 }));
        Assert.Equal((Outcome.Ok, null), (explained.Result.Outcome, explained.Result.Message));
        Assert.Equal($"127.0.0.1:{target.Port}", explained.Address);
        Assert.True(explained.Result.Phases.Dns > 0);
    }

    [Fact]
    public async Task Check_AllAddressesRefuse_Down()
    {
        Uri closed;
        await using (var target = RawServer.Answering(""))
            closed = target.Url;
        await using var server = new DnsServer(_ => (0, ["127.0.0.77", "127.0.0.78"]));
        var result = (await Checks.Checker(resolver: Resolver(server))
            .RunAsync(Checks.Assignment(new HttpCheck { Url = new Uri($"http://x.test:{closed.Port}/"), IpFamily = IpFamily.V4 }))).Result;
        Assert.Equal((Outcome.Down, $"connect: 127.0.0.78:{closed.Port} refused the connection"), (result.Outcome, result.Message));
    }
}
