namespace HealthTrack.Operator.Tests.Chart;

/// <summary>Values that mean nothing are refused with a sentence that names them.</summary>
[Collection(nameof(ChartCollection))]
public sealed class ValuesTests(ChartCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("operator.replicas=0", "/operator/replicas")]
    [InlineData("operator.replicas=two", "/operator/replicas")]
    [InlineData("operator.replcas=2", "replcas")]
    [InlineData("replicas=2", "replicas")]
    [InlineData("storage.type=mysql", "'postgres', 'embedded'")]
    [InlineData("storage.embedded.persistence.size=big", "/storage/embedded/persistence/size")]
    [InlineData("storage.postgres.url=postgres://u@h/d", "url")]
    [InlineData("redis.existingSecret=Redis_1", "/redis/existingSecret")]
    [InlineData("image.pullPolicy=Sometimes", "/image/pullPolicy")]
    [InlineData("image.tag=a b", "/image/tag")]
    [InlineData("operator.image.digest=sha256:1", "/operator/image/digest")]
    [InlineData("publicUrl=uptime.example.org", "/publicUrl")]
    [InlineData("dashboard.grafanaUrl=http://u:p@grafana", "/dashboard/grafanaUrl")]
    [InlineData("dashboard.service.port=70000", "/dashboard/service/port")]
    [InlineData("namespaces={Shop}", "/namespaces/0")]
    [InlineData("namespaces=null", "namespaces")]
    [InlineData("api.anonymous=write", "'none', 'read'")]
    [InlineData("link.tls.mode=self-signed", "/link/tls/mode")]
    [InlineData("link.tls.validityDays=1", "/link/tls/validityDays")]
    [InlineData("ingress.host=https://uptime.example.org", "/ingress/host")]
    [InlineData("crds.keep=sometimes", "/crds/keep")]
    [InlineData("networkPolicy.apiFrom[0].pods=all", "pods")]
    [InlineData("monitoring.serviceMonitor.interval=often", "/monitoring/serviceMonitor/interval")]
    [InlineData("operator.extraArgs={redis}", "/operator/extraArgs/0")]
    [InlineData("fullnameOverride=Up", "/fullnameOverride")]
    public async Task Template_NoSuchValue_IsRefusedAndNamed(string value, string named)
    {
        var answer = await RenderAsync("storage.type=embedded", value);

        Assert.NotEqual(0, answer.Code);
        Assert.Contains("values don't meet the specifications", answer.Errors, StringComparison.Ordinal);
        Assert.Contains(named, answer.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storage.type=postgres", "storage.postgres.existingSecret")]
    [InlineData("storage.type=postgres", "storage.type=embedded")]
    [InlineData("ingress.enabled=true", "ingress.host")]
    [InlineData("ingress.enabled=true,ingress.host=h.example.org,dashboard.enabled=false", "dashboard.enabled")]
    [InlineData("link.tls.mode=existingSecret", "link.tls.existingSecret")]
    [InlineData("link.tls.mode=certManager", "link.tls.issuerRef.name")]
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
