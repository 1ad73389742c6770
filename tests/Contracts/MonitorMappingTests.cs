using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.Tests;

public class MonitorMappingTests
{
    [Fact]
    public void ToMonitor_OnlyAUrl_HasTheDefaultsOfTheDomain()
    {
        var monitor = Read("http: {url: 'http://x.example/a'}").Monitor!.ToMonitor("u", 7);

        Assert.Equal(("u", 7L, "m", new MonitorKey("default", "m")), (monitor.Uid, monitor.Generation, monitor.DisplayName, monitor.Key));
        var http = Assert.IsType<HttpCheck>(monitor.Spec.Check);
        Assert.Empty(http.Headers);
        Assert.Equal(new HttpCheck { Url = new Uri("http://x.example/a"), Headers = http.Headers }, http);
        var expected = new MonitorSpec
        {
            Interval = TimeSpan.FromMinutes(1),
            Timeout = TimeSpan.FromSeconds(10),
            Window = TimeSpan.FromHours(1),
            Check = monitor.Spec.Check,
            Pools = monitor.Spec.Pools,
        };
        Assert.Equal(expected, monitor.Spec);
        Assert.Equal(["default"], monitor.Spec.Pools);
        Assert.Empty(monitor.Labels);
    }

    [Theory]
    [InlineData("1s", 0.8, 3600)]
    [InlineData("10s", 8, 3600)]
    [InlineData("12.5s", 10, 3600)]
    [InlineData("5m", 10, 6000)]
    [InlineData("1d", 10, 20 * 86400)]
    public void ToMonitor_NoTimeoutAndWindow_FollowTheInterval(string interval, double timeout, double window)
    {
        var spec = Read($"interval: {interval}\nhttp: {{url: 'http://x.example'}}").Monitor!.ToMonitor("u", 1).Spec;

        Assert.Equal((timeout, window), (spec.Timeout.TotalSeconds, spec.Window.TotalSeconds));
    }

    [Fact]
    public void ToMonitor_EveryField_IsCarriedOver()
    {
        var documents = GoldenTests.Documents("full");
        var spec = documents[0].Monitor!.ToMonitor("u", 1).Spec;
        var http = Assert.IsType<HttpCheck>(spec.Check);

        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(90)), (spec.Interval, spec.Timeout, spec.Window));
        Assert.Equal((true, 2, 3, 400d), (spec.Suspend, spec.FailureThreshold, spec.SuccessThreshold, spec.ApdexThreshold.TotalMilliseconds));
        Assert.Equal(
            new MetricThresholds
            {
                AverageLatency = new(100, 200), P95Latency = new(200, 300), P99Latency = new(300, 400), Apdex = new(0.9, 0.7), ErrorRate = new(0.5, 1), Uptime = new(99.5, 99),
            },
            spec.Thresholds);
        Assert.Equal("https://api.example:8443/a/b?c=d", http.Target);
        Assert.Equal(("POST", "{\"a\": 1}", false, true), (http.Method, http.Body, http.FollowRedirects, http.ReuseConnection));
        Assert.Equal((IpFamily.V6, HttpProtocol.Http2), (http.IpFamily, http.Version));
        Assert.Equal(
            [new("Accept", new("application/json", null)), new("X-Key", new(null, new SecretRef("keys", "x-key")))],
            http.Headers);
        Assert.Equal([new(200, 299), new(301, 301), new(400, 404)], http.Expect!.Status);
        Assert.Equal([new BodyContains("ok"), new BodyMatches("^v[0-9]+"), new BodyJsonPath("$.status", "ok"), new BodyJsonPath("$.id", null)], http.Expect.Body);
        Assert.Equal([new("Content-Type", "json", null), new("ETag", null, "^W/"), new("Date", null, null)], http.Expect.Headers);
        Assert.Equal(TimeSpan.FromSeconds(2), http.Expect.MaxLatency);
        Assert.Equal(
            new TlsOptions
            {
                CaSecret = new("ca", "bundle.pem"),
                ClientCertificate = new(new("client", "tls.crt"), new("client", "tls.key")),
                ServerName = "api.internal.example",
                InsecureSkipVerify = true,
                MinCertificateValidity = TimeSpan.FromDays(30),
            },
            http.Tls);
        Assert.Equal(new BasicAuth(new("login", "user"), new("login", "password")), http.Auth);
        Assert.Equal(new BearerAuth(new("login", "token")), Assert.IsType<HttpCheck>(documents[1].Monitor!.ToMonitor("u", 1).Spec.Check).Auth);
        // What is not supported yet leaves the monitor probing, from where workers are.
        Assert.Null(Assert.IsType<HttpCheck>(documents[2].Monitor!.ToMonitor("u", 1).Spec.Check).Auth);
        Assert.Equal("eu, us x2", $"{string.Join(", ", spec.Pools)} x{spec.Quorum}");
    }

    [Fact]
    public void ToMonitor_CaWithoutAKey_IsCaCrt() => Assert.Equal(
        new SecretRef("ca", "ca.crt"),
        Assert.IsType<HttpCheck>(Read("http: {url: 'https://x.example', tls: {caSecretRef: {name: ca}}}").Monitor!.ToMonitor("u", 1).Spec.Check).Tls.CaSecret);

    [Fact]
    public void ToMonitor_KindOfALaterVersion_Throws() =>
        Assert.Throws<NotSupportedException>(() => Read("tcp: {host: x.example, port: 80}").Monitor!.ToMonitor("u", 1));

    [Fact]
    public void From_ValidDocument_DeclaresTheMonitor()
    {
        var document = Read("slo: {objective: '99'}\nhttp: {url: 'http://x.example'}");

        var declaration = MonitorDeclarations.From(document, "u", "m.yaml", generation: 3);

        Assert.Equal((3L, true, "m.yaml"), (declaration.Monitor!.Generation, declaration.HasGeneration, declaration.Origin));
        Assert.Equal(["spec.slo"], declaration.NotSupported);
        Assert.Equal(document.Manifest, declaration.Manifest);
        Assert.Empty(declaration.Errors);
    }

    [Fact]
    public void From_KindOfALaterVersion_HasNeitherMonitorNorErrors()
    {
        var declaration = MonitorDeclarations.From(Read("icmp: {host: x.example}"), "u", "m.yaml");

        Assert.Null(declaration.Monitor);
        Assert.Empty(declaration.Errors);
        Assert.Equal(["spec.icmp"], declaration.NotSupported);
        Assert.NotEmpty(declaration.Manifest);
    }

    [Fact]
    public void From_InvalidDocument_DeclaresTheErrors()
    {
        var declaration = MonitorDeclarations.From(Read("http: {url: nowhere}"), "u", "m.yaml");

        Assert.Null(declaration.Monitor);
        Assert.Equal("spec.http.url", Assert.Single(declaration.Errors).Path);
        Assert.Equal(new MonitorKey("default", "m"), declaration.Key);
    }

    [Fact]
    public void From_DocumentWithoutAName_Throws() =>
        Assert.Throws<ArgumentException>(() => MonitorDeclarations.From(ManifestReader.Read("a: b", "f")[0], "u", "f"));

    private static ManifestDocument Read(string spec) => Assert.Single(ManifestReader.Read(
        $"apiVersion: sre.healthtrack.io/v1alpha1\nkind: ServiceMonitor\nmetadata: {{name: m}}\nspec:\n  {spec.Replace("\n", "\n  ", StringComparison.Ordinal)}\n", "f"));
}
