using System.Net;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers.Net;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>The egress rule. Nothing is sent: the policy is a pure function of the address.</summary>
public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("febf::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("100.100.100.200")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:100.100.100.200")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b::100.100.100.200")]
    [InlineData("64:ff9b:1::169.254.169.254")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:6464:64c8::")]
    [InlineData("::169.254.169.254")]
    public void Refusal_LeadsToMetadata_RefusedUnlessAllowed(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.NotNull(new EgressPolicy(false, [], []).Refusal(address));
        Assert.Null(new EgressPolicy(false, Checks.Ranges("0.0.0.0/0", "::/0"), []).Refusal(address));
        Assert.NotNull(new EgressPolicy(false, Checks.Ranges("10.0.0.0/8"), []).Refusal(address));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.3")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("::127.0.0.1")]
    public void Refusal_Loopback_OnlyWhereDenied(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.Null(new EgressPolicy(false, [], []).Refusal(address));
        Assert.Contains("(loopback)", new EgressPolicy(true, [], []).Refusal(address), StringComparison.Ordinal);
        Assert.Null(new EgressPolicy(true, Checks.Ranges("127.0.0.0/8", "::1/128"), []).Refusal(address));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("10.1.2.3")]
    [InlineData("169.253.255.255")]
    [InlineData("100.100.100.201")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00:ec2::253")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2002:808:808::1")]
    public void Refusal_OrdinaryAddress_Allowed(string text) =>
        Assert.Null(new EgressPolicy(true, [], []).Refusal(IPAddress.Parse(text)));

    [Fact]
    public void Refusal_Deny_WinsOverAllow()
    {
        var policy = new EgressPolicy(false, Checks.Ranges("10.0.0.0/8"), Checks.Ranges("10.1.0.0/16", "127.0.0.0/8"));
        Assert.Null(policy.Refusal(IPAddress.Parse("10.2.0.1")));
        Assert.Equal("egress: 10.1.0.1 is refused (in the denied range 10.1.0.0/16)", policy.Refusal(IPAddress.Parse("10.1.0.1")));
        Assert.NotNull(policy.Refusal(IPAddress.Parse("::ffff:10.1.0.1")));
        // It reaches 127.0.0.1 on Linux.
        Assert.NotNull(policy.Refusal(IPAddress.Any));
    }

    [Theory]
    [InlineData("a ProbePool's egress.allowCIDRs", "egress: 169.254.169.254 is refused (link-local); a ProbePool's egress.allowCIDRs can allow it")]
    [InlineData(null, "egress: 169.254.169.254 is refused (link-local)")]
    public void Refusal_Metadata_NamesTheSettingOnlyWhereThereIsOne(string? setting, string refusal) =>
        Assert.Equal(refusal, new EgressPolicy(false, [], [], setting).Refusal(IPAddress.Parse("169.254.169.254")));

    [Theory]
    [InlineData("http://127.8.0.1:{0}/")]
    [InlineData("http://2131230721:{0}/")]
    [InlineData("http://0x7f.8.1:{0}/")]
    [InlineData("http://[::ffff:127.8.0.1]:{0}/")]
    [InlineData("http://denied.test:{0}/")]
    public async Task Check_DeniedAddressInAnyForm_NothingIsSent(string url)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var hosts = Path.GetTempFileName();
        await File.WriteAllTextAsync(hosts, "127.8.0.1 denied.test\n", TestContext.Current.CancellationToken);
        try
        {
            var checker = Checks.Checker(new EgressPolicy(false, [], Checks.Ranges("127.8.0.0/16")), new NameResolver(hosts));
            var target = new Uri(url.Replace("{0}", $"{server.Port}", StringComparison.Ordinal));
            var result = (await checker.RunAsync(Checks.Assignment(new HttpCheck { Url = target }))).Result;
            Assert.Equal((Outcome.Down, "egress: 127.8.0.1 is refused (in the denied range 127.8.0.0/16)"), (result.Outcome, result.Message));
            Assert.Empty(server.Requests);
        }
        finally
        {
            File.Delete(hosts);
        }
    }
}
