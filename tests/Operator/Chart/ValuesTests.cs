namespace HealthTrack.Operator.Tests.Chart;

/// <summary>Values that mean nothing are refused with a sentence that names them.</summary>
[Collection(nameof(ChartCollection))]
public sealed class ValuesTests(ChartCluster cluster)
{
    private static readonly (string Value, string Named)[] Nonsense =
    [
        ("operator.replicas=0", "/operator/replicas"),
        ("operator.replcas=2", "'replcas'"),
        ("replicas=2", "'replicas'"),
        ("storage.type=mysql", "'postgres', 'embedded'"),
        ("storage.embedded.persistence.size=big", "/storage/embedded/persistence/size"),
        ("storage.postgres.url=postgres://u@h/d", "'url'"),
        ("redis.existingSecret=Redis_1", "/redis/existingSecret"),
        ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
        ("image.tag=a b", "/image/tag"),
        ("operator.image.digest=sha256:1", "/operator/image/digest"),
        ("probe.resources.requests.memory=lots", "/probe/resources/requests/memory"),
        ("publicUrl=uptime.example.org", "/publicUrl"),
        ("dashboard.grafanaUrl=http://u:p@grafana", "/dashboard/grafanaUrl"),
        ("dashboard.service.port=70000", "/dashboard/service/port"),
        ("namespaces={Shop}", "/namespaces/0"),
        ("bindAddress=127.0.0.1", "/bindAddress"),
        ("api.anonymous=write", "'none', 'read'"),
        ("link.tls.mode=self-signed", "/link/tls/mode"),
        ("link.tls.validityDays=1", "/link/tls/validityDays"),
        ("link.tls.extraHosts={https://link.example.org}", "/link/tls/extraHosts/0"),
        ("link.externalService.externalTrafficPolicy=local", "/link/externalService/externalTrafficPolicy"),
        ("link.externalService.loadBalancerSourceRanges={198.51.100.7}", "/link/externalService/loadBalancerSourceRanges/0"),
        ("ingress.host=https://uptime.example.org", "/ingress/host"),
        ("crds.keep=sometimes", "/crds/keep"),
        ("networkPolicy.apiFrom[0].pods=all", "'pods'"),
        ("monitoring.serviceMonitor.interval=often", "/monitoring/serviceMonitor/interval"),
        ("operator.extraArgs={redis}", "/operator/extraArgs/0"),
        ("fullnameOverride=Up", "/fullnameOverride"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Told at once: helm names all that is wrong.
    [Fact]
    public async Task Template_NoSuchValues_AreRefusedAndEachIsNamed()
    {
        var answer = await RenderAsync([.. Nonsense.Select(n => n.Value)]);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains("values don't meet the specifications", answer.Errors, StringComparison.Ordinal);
        Assert.All(Nonsense, n => Assert.Contains(n.Named, answer.Errors, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("operator.replicas=two", "/operator/replicas")]
    [InlineData("namespaces=null", "missing property 'namespaces'")]
    public async Task Template_OneWrongValue_IsRefused(string value, string named)
    {
        var answer = await RenderAsync("storage.type=embedded", value);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains(named, answer.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storage.type=postgres", "storage.postgres.existingSecret")]
    [InlineData("storage.type=postgres", "storage.type=embedded")]
    [InlineData("ingress.enabled=true", "ingress.host")]
    [InlineData("ingress.enabled=true,ingress.host=h.example.org,dashboard.enabled=false", "dashboard.enabled")]
    [InlineData("operator.podLabels.app\\.kubernetes\\.io/component=other", "operator.podLabels has app.kubernetes.io/component")]
    [InlineData("dashboard.podLabels.app\\.kubernetes\\.io/part-of=other", "dashboard.podLabels has app.kubernetes.io/part-of")]
    [InlineData("link.tls.mode=existingSecret", "link.tls.existingSecret")]
    [InlineData("link.tls.mode=certManager", "link.tls.issuerRef.name")]
    [InlineData("link.externalService.enabled=true,link.externalService.type=ClusterIP,link.externalService.externalTrafficPolicy=Local", "link.externalService.externalTrafficPolicy")]
    [InlineData("link.externalService.enabled=true,link.externalService.type=NodePort,link.externalService.loadBalancerSourceRanges={198.51.100.0/24}", "link.externalService.loadBalancerSourceRanges")]
    public async Task Template_ValuesThatDoNotGoTogether_AreRefusedWithWhatIsMissing(string values, string named)
    {
        var answer = await RenderAsync("storage.type=embedded", values);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains(named, answer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_OfAChartThatHoldsThisOne_TakesItsGlobalValues() =>
        Assert.Equal(0, (await RenderAsync("storage.type=embedded", "global.team=sre")).Code);

    [Fact]
    public async Task Template_ForAnOlderKubernetes_IsRefused()
    {
        var answer = await cluster.Helm.AskAsync(Token, "template", "healthtrack", HelmProgram.Chart, "--set", "storage.type=embedded", "--kube-version", "1.24.0");

        Assert.NotEqual(0, answer.Code);
        Assert.Contains(">=1.25.0", answer.Errors, StringComparison.Ordinal);
    }

    private Task<HelmAnswer> RenderAsync(params string[] values) =>
        cluster.Helm.AskAsync(Token, ["template", "healthtrack", HelmProgram.Chart, "--kube-version", "1.25.0", .. values.SelectMany(v => (string[])["--set", v])]);
}
