using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>A release comes, changes and goes.</summary>
[Collection(nameof(ChartCollection))]
public sealed class InstallTests(ChartCluster cluster) : IAsyncLifetime
{
    private const string Definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/servicemonitors.sre.healthtrack.io";
    private const string Certificate = "/api/v1/namespaces/healthtrack/secrets/healthtrack-link-tls";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await cluster.Helm.AskAsync(CancellationToken.None, "uninstall", "healthtrack", "--namespace", "healthtrack", "--ignore-not-found");
        await cluster.KubectlAsync(["delete", "crd", "--ignore-not-found", .. Definitions()], CancellationToken.None);
    }

    [Fact]
    public async Task Upgrade_OverARelease_KeepsTheCertificateUntilItsNamesChange()
    {
        await InstallAsync();
        var first = await CertificateAsync();
        var trusted = await TrustedAsync();
        Assert.Equal(Text(first, "ca.crt").Trim(), trusted.Trim());

        await UpgradeAsync("--set-string", "operator.podAnnotations.again=true");
        Assert.Equal(first.ToJsonString(), (await CertificateAsync()).ToJsonString());
        Assert.Equal(trusted, await TrustedAsync());

        await UpgradeAsync("--set", "link.tls.extraHosts={link.example.org,192.0.2.7}");
        var second = await CertificateAsync();
        Assert.NotEqual(Text(first, "tls.crt"), Text(second, "tls.crt"));
        // Workers elsewhere were given the first one's authority.
        Assert.Equal(Text(first, "ca.crt"), Text(second, "ca.crt"));
        using var made = X509Certificate2.CreateFromPem(Text(second, "tls.crt"), Text(second, "tls.key"));
        Assert.All((string[])["link.example.org", "192.0.2.7", "healthtrack-operator-link.healthtrack.svc"], host => Assert.True(made.MatchesHostname(host), host));
        Assert.True(IsTrusted(made, Text(first, "ca.crt")));
    }

    [Fact]
    public async Task Upgrade_CertificateNearItsEnd_IsMadeAnew()
    {
        await InstallAsync();
        var first = await CertificateAsync();
        await cluster.KubectlAsync(["annotate", "secret", "healthtrack-link-tls", "-n", "healthtrack", "--overwrite", "sre.healthtrack.io/renew-after=1700000000"], Token);

        await UpgradeAsync();

        var second = await CertificateAsync();
        Assert.NotEqual(Text(first, "tls.crt"), Text(second, "tls.crt"));
        Assert.Equal(Text(first, "ca.crt"), Text(second, "ca.crt"));
    }

    [Fact]
    public async Task Upgrade_AuthorityNearItsEnd_IsMadeAnewWithWhatItSigned()
    {
        await InstallAsync();
        var first = await CertificateAsync();
        await cluster.KubectlAsync(["annotate", "secret", "healthtrack-link-ca", "-n", "healthtrack", "--overwrite", "sre.healthtrack.io/renew-after=1700000000"], Token);

        await UpgradeAsync();

        var second = await CertificateAsync();
        Assert.NotEqual(Text(first, "ca.crt"), Text(second, "ca.crt"));
        using var made = X509Certificate2.CreateFromPem(Text(second, "tls.crt"));
        Assert.True(IsTrusted(made, Text(second, "ca.crt")));
        Assert.False(IsTrusted(made, Text(first, "ca.crt")));
        await TrustedTogetherAsync(first, second);
    }

    // A release of a chart whose certificate was its own authority, or one whose Secret somebody took.
    [Fact]
    public async Task Upgrade_WithoutTheAuthority_HasTheFormerOneTrustedUntilTheNext()
    {
        await InstallAsync();
        var first = await CertificateAsync();
        await cluster.KubectlAsync(["delete", "secret", "healthtrack-link-ca", "-n", "healthtrack"], Token);

        await UpgradeAsync();

        var second = await CertificateAsync();
        Assert.NotEqual(Text(first, "ca.crt"), Text(second, "ca.crt"));
        await TrustedTogetherAsync(first, second);
        await UpgradeAsync();
        Assert.Equal(second.ToJsonString(), (await CertificateAsync()).ToJsonString());
        Assert.Equal(Text(second, "ca.crt").Trim(), (await TrustedAsync()).Trim());
    }

    [Fact]
    public async Task Upgrade_DefinitionChangedByHand_IsAsInTheChart()
    {
        await InstallAsync();
        var before = (await FindAsync(Definition))["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.ToJsonString();
        await cluster.KubectlAsync(
            ["patch", "crd", "servicemonitors.sre.healthtrack.io", "--type=json", "-p", """[{"op":"remove","path":"/spec/versions/0/additionalPrinterColumns/0"}]"""], Token);

        await UpgradeAsync("--set-string", "operator.podAnnotations.again=true");

        Assert.Equal(before, (await FindAsync(Definition))["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.ToJsonString());
    }

    [Fact]
    public async Task Upgrade_TrialToPostgres_ChangesTheDeploymentInPlace()
    {
        await InstallAsync();
        const string Path = "/apis/apps/v1/namespaces/healthtrack/deployments/healthtrack-operator";
        var trial = await FindAsync(Path);
        Assert.Equal((1, "Recreate"), ((int)trial["spec"]!["replicas"]!, (string?)trial["spec"]!["strategy"]!["type"]));

        await UpgradeAsync("--set", "storage.type=postgres,storage.postgres.existingSecret=pg");

        var earnest = await FindAsync(Path);
        Assert.Equal((string?)trial["metadata"]!["uid"], (string?)earnest["metadata"]!["uid"]);
        Assert.Equal((2, "RollingUpdate"), ((int)earnest["spec"]!["replicas"]!, (string?)earnest["spec"]!["strategy"]!["type"]));

        await UpgradeAsync("--set", "storage.type=embedded");
        Assert.Equal("Recreate", (string?)(await FindAsync(Path))["spec"]!["strategy"]!["type"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Uninstall_WithWhatWasDeclared_LeavesItWhereItIsToBeKept(bool keep)
    {
        await InstallAsync("--set", keep ? "crds.keep=true" : "crds.keep=false");
        const string Declared = "/apis/sre.healthtrack.io/v1alpha1/namespaces/shop/servicemonitors";
        await Eventually.TrueAsync(async () => await cluster.FindAsync(Declared, Token) is not null, "the definition is served", Token);
        await cluster.PostAsync(
            Declared, JsonNode.Parse("""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"website"},"spec":{"http":{"url":"http://h/"} } }""")!, Token);
        var installed = await OwnObjectsAsync();
        Assert.NotEmpty(installed);

        await cluster.Helm.RunAsync(Token, "uninstall", "healthtrack", "--namespace", "healthtrack");

        if (keep)
            Assert.NotNull(await cluster.FindAsync($"{Declared}/website", Token));
        else
            await Eventually.TrueAsync(async () => await cluster.FindAsync(Definition, Token) is null, "the definition is gone", Token);
        foreach (var path in installed)
            Assert.True(await cluster.FindAsync(path, Token) is not { } left || left["metadata"]!["deletionTimestamp"] is not null, $"{path} is left.");
        if (keep)
            await InstallAsync(); // Takes what was left.
    }

    [Fact]
    public async Task Uninstall_ClaimToBeKept_IsLeft()
    {
        await InstallAsync("--set", "storage.embedded.persistence.keep=true");
        const string Claim = "/api/v1/namespaces/healthtrack/persistentvolumeclaims/healthtrack-operator-data";
        Assert.Equal("5Gi", (string?)(await FindAsync(Claim))["spec"]!["resources"]!["requests"]!["storage"]);

        await cluster.Helm.RunAsync(Token, "uninstall", "healthtrack", "--namespace", "healthtrack");

        Assert.Null((await FindAsync(Claim))["metadata"]!["deletionTimestamp"]);
        // No controller runs that would take the claim's finalizer away.
        await cluster.KubectlAsync(["patch", "pvc", "healthtrack-operator-data", "-n", "healthtrack", "--type=merge", "-p", """{"metadata":{"finalizers":null} }"""], Token);
        await cluster.KubectlAsync(["delete", "pvc", "healthtrack-operator-data", "-n", "healthtrack"], Token);
    }

    private async Task InstallAsync(params string[] arguments) => await cluster.Helm.RunAsync(
        Token,
        [
            "install", "healthtrack", cluster.Chart, "--namespace", "healthtrack", .. ChartCluster.OldServer,
            "--set", "storage.type=embedded", "--set", "monitoring.serviceMonitor.enabled=true,monitoring.prometheusRule.enabled=true", .. arguments,
        ]);

    private async Task UpgradeAsync(params string[] arguments) => await cluster.Helm.RunAsync(
        Token, ["upgrade", "healthtrack", cluster.Chart, "--namespace", "healthtrack", "--reset-then-reuse-values", .. ChartCluster.OldServer, .. arguments]);

    // A worker that has the new file dials an operator that may not.
    private async Task TrustedTogetherAsync(JsonObject first, JsonObject second)
    {
        var trusted = await TrustedAsync();
        foreach (var data in (JsonObject[])[first, second])
        {
            using var certificate = X509Certificate2.CreateFromPem(Text(data, "tls.crt"));
            Assert.True(IsTrusted(certificate, trusted));
        }
    }

    private async Task<string> TrustedAsync() => (string)(await FindAsync("/api/v1/namespaces/healthtrack/configmaps/healthtrack-link-ca"))["data"]!["ca.crt"]!;

    private async Task<JsonObject> CertificateAsync() => (await FindAsync(Certificate))["data"]!.AsObject();

    private async Task<JsonNode> FindAsync(string path) => Assert.IsType<JsonObject>(await cluster.FindAsync(path, Token));

    // What a release must not leave: everything with a path of its own but the definitions, by what the cluster itself lists.
    private async Task<List<string>> OwnObjectsAsync()
    {
        var paths = new List<string>();
        foreach (var list in (string[])
            [
                "/apis/apps/v1/namespaces/healthtrack/deployments", "/api/v1/namespaces/healthtrack/services", "/api/v1/namespaces/healthtrack/serviceaccounts",
                "/api/v1/namespaces/healthtrack/secrets", "/api/v1/namespaces/healthtrack/configmaps", "/apis/networking.k8s.io/v1/namespaces/healthtrack/networkpolicies",
                "/apis/rbac.authorization.k8s.io/v1/namespaces/healthtrack/roles", "/apis/rbac.authorization.k8s.io/v1/namespaces/healthtrack/rolebindings",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                "/apis/monitoring.coreos.com/v1/namespaces/healthtrack/servicemonitors", "/apis/monitoring.coreos.com/v1/namespaces/healthtrack/podmonitors",
            ])
        {
            var found = (await FindAsync($"{list}?labelSelector=app.kubernetes.io/instance%3Dhealthtrack"))["items"]!.AsArray();
            Assert.NotEmpty(found);
            paths.AddRange(found.Select(o => $"{list}/{o!["metadata"]!["name"]}"));
        }
        return paths;
    }

    private static IEnumerable<string> Definitions() =>
        Directory.GetFiles(Repository.File("config", "crd"), "*.yaml").Select(f => (string)RenderedObject.ReadOne(File.ReadAllText(f))["metadata"]!["name"]!);

    private static bool IsTrusted(X509Certificate2 certificate, string authority)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority);
        return chain.Build(certificate);
    }

    private static string Text(JsonObject data, string key) => System.Text.Encoding.ASCII.GetString(Convert.FromBase64String((string)data[key]!));
}
