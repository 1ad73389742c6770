using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>The link to the workers as the chart opens it: its certificate, and the door for workers elsewhere.</summary>
[Collection(nameof(ChartCollection))]
public sealed class LinkTests(ChartCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => [.. ChartCases.Names];

    [Fact]
    public async Task Certificate_OfTheChart_IsGoodForNamesAndAddresses()
    {
        var secret = (await cluster.RenderAsync("short-lived", Token)).Single(o => o is { Kind: "Secret", Name: "healthtrack-link-tls" });

        using var made = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String((string)secret.Json["data"]!["tls.crt"]!)));
        var alternatives = made.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["192.0.2.7", "2001:db8::7"], alternatives.EnumerateIPAddresses().Select(a => a.ToString()));
        Assert.Equal(
            ["healthtrack-operator-link", "healthtrack-operator-link.healthtrack", "healthtrack-operator-link.healthtrack.svc", "healthtrack-operator-link.healthtrack.svc.cluster.local", "link.example.org"],
            alternatives.EnumerateDnsNames());
    }

    [Fact]
    public async Task Certificate_OfCertManager_IsForNamesAndAddresses()
    {
        var spec = (await cluster.RenderAsync("cert-manager", Token)).Single(o => o.Kind == "Certificate").Json["spec"]!;

        Assert.Equal(["192.0.2.7", "2001:db8::7"], spec["ipAddresses"]!.AsArray().Select(a => (string)a!));
        Assert.Equal("link.example.org", (string?)spec["dnsNames"]!.AsArray()[^1]);
        Assert.Equal(5, spec["dnsNames"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("short-lived", "LoadBalancer", "Local", 2)]
    [InlineData("cert-manager", "NodePort", null, null)]
    public async Task ExternalService_EachType_SaysWhoComesInAndHow(string name, string type, string? policy, int? ranges)
    {
        var spec = (await cluster.RenderAsync(name, Token)).Single(o => o is { Kind: "Service", Name: "healthtrack-operator-link-external" }).Json["spec"]!;

        Assert.Equal((type, policy, ranges), ((string?)spec["type"], (string?)spec["externalTrafficPolicy"], spec["loadBalancerSourceRanges"]?.AsArray().Count));
    }

    // Whoever has it can make a certificate that the workers trust.
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task AuthoritysKey_EachCase_IsInNoPod(string name)
    {
        var objects = await cluster.RenderAsync(name, Token);

        var authority = objects.SingleOrDefault(o => o.Kind == "Secret" && o.Name.EndsWith("-link-ca", StringComparison.Ordinal));
        Assert.Equal(ChartCases.TryFind(ChartCases.Values(name), "link.tls.mode", out var mode) && (string?)mode != "selfSigned", authority is null);
        foreach (var pod in objects.Select(o => o.Pod).OfType<System.Text.Json.Nodes.JsonObject>())
        {
            Assert.DoesNotContain(pod["volumes"]!.AsArray(), v => v!["secret"] is { } secret && (string?)secret["secretName"] == authority?.Name);
            Assert.DoesNotContain($"--link-ca-secret={authority?.Name ?? "none"}", pod["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!));
        }
    }
}
