using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>Everything that the chart can be told: documented, tried, and accepted by a real API server.</summary>
[Collection(nameof(ChartCollection))]
public sealed class SwitchTests(ChartCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => [.. ChartCases.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Template_EachCase_IsAcceptedByTheApiServer(string name)
    {
        var objects = await cluster.RenderAsync(name, Token);

        Assert.Equal(objects.Count, objects.Select(o => (o.Kind, o.Namespace, o.Name)).Distinct().Count());
        foreach (var rendered in objects)
            await cluster.AcceptAsync(rendered, Token);
    }

    [Fact]
    public void Documentation_EveryValue_IsExplained()
    {
        Assert.All(ChartCases.Documented, path => Assert.True(ChartCases.TryFind(ChartCases.Defaults, path, out _), $"docs/helm.md explains {path}, which the chart does not have."));
        Assert.All(
            ChartCases.Leaves(ChartCases.Defaults),
            leaf => Assert.True(ChartCases.Documented.Any(d => leaf == d || leaf.StartsWith(d + ".", StringComparison.Ordinal)), $"docs/helm.md does not explain {leaf}."));
    }

    [Fact]
    public void Cases_EveryDocumentedSwitch_IsTurnedInOne()
    {
        var cases = ChartCases.Names.Select(ChartCases.Values).ToList();

        Assert.All(ChartCases.Documented, path =>
        {
            Assert.True(ChartCases.TryFind(ChartCases.Defaults, path, out var preset));
            Assert.True(
                cases.Any(values => ChartCases.TryFind(values, path, out var turned) && !JsonNode.DeepEquals(turned, preset)), $"No case in testdata/chart turns {path}.");
        });
    }

    [Theory]
    [InlineData("storage.type", "embedded", "postgres")]
    [InlineData("link.tls.mode", "selfSigned", "existingSecret", "certManager", "none")]
    public void Cases_EveryMode_IsTried(string path, params string[] modes)
    {
        var tried = ChartCases.Names.Select(name => ChartCases.TryFind(ChartCases.Values(name), path, out var mode) ? mode : null).Prepend(Default(path)).Select(m => (string?)m).ToHashSet();

        Assert.Empty(modes.Except(tried));
    }

    // Helm takes 53 characters, a Service's name 63.
    [Fact]
    public async Task Template_TheLongestName_IsCutSoThatAllAreAccepted()
    {
        var yaml = await cluster.Helm.RunAsync(
            Token, "template", new string('r', 53), HelmProgram.Chart, "--namespace", "healthtrack", "--kube-version", "1.25.0", "--values", ChartCases.FileOf("cert-manager"),
            "--set", "link.tls.mode=selfSigned", "--set", "crds.enabled=false");

        foreach (var rendered in RenderedObject.Read(yaml))
            await cluster.AcceptAsync(rendered, Token);
    }

    // Everything at once has every template.
    [Theory]
    [InlineData]
    [InlineData("production")]
    public async Task Lint_Strict_IsClean(params string[] names) =>
        await cluster.Helm.RunAsync(Token, ["lint", "--strict", HelmProgram.Chart, .. names.SelectMany(n => (string[])["--values", ChartCases.FileOf(n)])]);

    [Theory]
    [InlineData("dashboard.service.type=LoadBalancer", "whoever reaches its port may read every service")]
    [InlineData("dashboard.service.type=NodePort", "whoever reaches its port may read every service")]
    [InlineData("ingress.enabled=true,ingress.host=uptime.example.org", "whoever reaches it sees every service")]
    [InlineData("dashboard.service.type=ClusterIP")]
    [InlineData("dashboard.service.type=LoadBalancer,dashboard.enabled=false")]
    public async Task Notes_ADashboardThatOthersReach_SayThatItHasNoSignIn(string values, string? told = null)
    {
        var notes = await cluster.Helm.RunAsync(
            Token, "install", "noted", HelmProgram.Chart, "--namespace", "healthtrack", "--dry-run=client", "--set", "storage.type=embedded", "--set", values);

        Assert.Equal(told is not null, notes.Contains("no sign-in", StringComparison.Ordinal));
        Assert.Contains(told ?? "", notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link.externalService.enabled=true", true)]
    [InlineData("link.externalService.enabled=true,networkPolicy.linkFrom[0].ipBlock.cidr=192.0.2.0/24", false)]
    [InlineData("link.externalService.enabled=true,networkPolicy.enabled=false", false)]
    [InlineData("link.externalService.enabled=false", false)]
    public async Task Notes_ADoorThatThePolicyShuts_SaySo(string values, bool told)
    {
        var notes = await cluster.Helm.RunAsync(
            Token, "install", "noted", HelmProgram.Chart, "--namespace", "healthtrack", "--dry-run=client", "--set", "storage.type=embedded", "--set", values);

        Assert.Equal(told, notes.Contains("lets no worker from outside in: name where they come from in networkPolicy.linkFrom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Template_Definitions_AreThoseOfConfig()
    {
        var rendered = (await cluster.RenderAsync("trial", Token)).Where(o => o.Kind == "CustomResourceDefinition").ToList();

        var files = Directory.GetFiles(Repository.File("config", "crd"), "*.yaml");
        Assert.Equal(files.Length, rendered.Count);
        foreach (var file in files)
        {
            var source = RenderedObject.ReadOne(await File.ReadAllTextAsync(file, Token));
            var made = rendered.Single(r => r.Name == (string)source["metadata"]!["name"]!).Json;
            Assert.True(JsonNode.DeepEquals(source["spec"], made["spec"]), $"{file} came out as something else.");
            Assert.Equal("keep", (string?)made["metadata"]!["annotations"]!["helm.sh/resource-policy"]);
        }
    }

    [Theory]
    [InlineData("trial", "rules")]
    [InlineData("production", "rules", "optional")]
    public async Task Template_Rules_AreThoseOfConfig(string name, params string[] folders)
    {
        var rendered = await cluster.Helm.RenderAsync(Token, "--values", ChartCases.FileOf(name), "--set", "monitoring.prometheusRule.enabled=true");

        var found = rendered.Where(o => o.Kind == "PrometheusRule").ToList();
        var rules = folders.SelectMany(folder => FilesOf("*.yaml", "prometheus", folder)).ToList();
        Assert.Equal(rules.Count, found.Count);
        foreach (var file in rules)
        {
            var source = RenderedObject.ReadOne(await File.ReadAllTextAsync(file, Token));
            Assert.Contains(found, r => JsonNode.DeepEquals(source["groups"], r.Json["spec"]!["groups"]));
        }
    }

    [Fact]
    public async Task Template_Dashboards_AreThoseOfConfig()
    {
        var maps = (await cluster.RenderAsync("production", Token)).Where(o => (string?)o.Json["metadata"]!["labels"]!["grafana_dashboard"] == "1").ToList();

        var dashboards = FilesOf("*.json", "grafana", "dashboards");
        Assert.Equal(dashboards.Length, maps.Count);
        foreach (var file in dashboards)
        {
            var source = JsonNode.Parse(await File.ReadAllTextAsync(file, Token));
            Assert.Contains(maps, m => JsonNode.DeepEquals(source, JsonNode.Parse((string?)m.Json["data"]![Path.GetFileName(file)] ?? "null")));
        }
    }

    // A packaged chart is all that some have: it holds what the templates read, and nothing else of config/.
    [Fact]
    public void Package_OfConfig_HoldsWhatTheTemplatesRead()
    {
        string[] read = ["crd/*.yaml", "rbac/*.yaml", "prometheus/rules/*.yaml", "prometheus/optional/*.yaml", "grafana/dashboards/*.json"];
        var root = Repository.File("config");

        var wanted = read.Select(r => r.Split('/')).SelectMany(r => FilesOf(r[^1], r[..^1])).Select(f => Path.GetRelativePath(root, f));
        var packed = Path.Combine(cluster.Chart, "config");
        Assert.Equal(wanted.Order(StringComparer.Ordinal), Directory.GetFiles(packed, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(packed, f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Chart_Version_IsThatOfThePrograms()
    {
        var about = RenderedObject.ReadOne(await File.ReadAllTextAsync(Path.Combine(HelmProgram.Chart, "Chart.yaml"), Token));

        Assert.Equal(XDocument.Load(Repository.File("Directory.Build.props")).Descendants("Version").Single().Value, (string?)about["appVersion"]);
    }

    private static JsonNode? Default(string path) => ChartCases.TryFind(ChartCases.Defaults, path, out var value) ? value : null;

    private static string[] FilesOf(string pattern, params string[] folder) =>
        Repository.File(["config", .. folder]) is var path && Directory.Exists(path) ? Directory.GetFiles(path, pattern) : [];
}
