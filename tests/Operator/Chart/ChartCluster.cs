using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>The tests of the chart, one after another: what they install is the whole cluster's.</summary>
[CollectionDefinition(nameof(ChartCollection))]
public sealed class ChartCollection : ICollectionFixture<ChartCluster>;

/// <summary>
/// An API server that knows nothing of HealthTrack, with stand-ins for the definitions of others that the chart writes objects of, and helm. It serves no policy/v1, so
/// the PodDisruptionBudgets are strictly read into KubernetesClient's model instead.
/// </summary>
public sealed class ChartCluster : ApiServerInstance, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("healthtrack-chart-");
    private readonly Dictionary<(string, string), (string Plural, bool Namespaced)> _resources = [];
    private readonly HashSet<string> _accepted = [];
    private readonly Dictionary<string, List<RenderedObject>> _rendered = [];

    /// <summary>Helm, with this cluster's administrator.</summary>
    internal HelmProgram Helm { get; private set; } = null!;

    /// <summary>
    /// The chart as it is packaged, without the oldest version that it is for: the server that the tests can build is older, and the chart's objects but the budgets are the same there.
    /// </summary>
    internal string Chart => Path.Combine(_folder.FullName, "healthtrack");

    /// <summary>What helm is told for such a server: it knows no CEL, neither in its schemas nor in server-side apply.</summary>
    internal static string[] OldServer { get; } =
        ["--disable-openapi-validation", "--server-side=false", "--wait=hookOnly", "--set", "podDisruptionBudget.enabled=false"];

    public async ValueTask InitializeAsync()
    {
        await StartBareAsync(CancellationToken.None);
        foreach (var ns in (string[])["healthtrack", "shop", "monitoring"])
            await PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } }, CancellationToken.None);
        foreach (var definitions in Directory.GetFiles(Repository.File("tests", "Operator", "testdata", "foreign"), "*.yaml"))
            await ApplyAsync(definitions, CancellationToken.None);
        await KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"], CancellationToken.None);
        Helm = await HelmProgram.FindAsync(_folder.FullName, AdminKubeconfig);
        await PackAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Asks for an object; null where there is none.</summary>
    internal async Task<JsonNode?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await Admin.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>The chart with the values of a case.</summary>
    internal async Task<List<RenderedObject>> RenderAsync(string name, CancellationToken cancellationToken)
    {
        if (!_rendered.TryGetValue(name, out var objects))
            _rendered[name] = objects = await Helm.RenderAsync(cancellationToken, "--values", ChartCases.FileOf(name));
        return objects;
    }

    /// <summary>Fails where the API server would not take an object as it is, every field of it.</summary>
    internal async Task AcceptAsync(RenderedObject rendered, CancellationToken cancellationToken)
    {
        var text = rendered.Json.ToJsonString();
        if (_accepted.Contains(text))
            return;
        if (rendered.ApiVersion == "policy/v1")
        {
            Assert.Equal("PodDisruptionBudget", rendered.Kind);
            KubernetesYaml.Deserialize<V1PodDisruptionBudget>(text, strict: true);
        }
        else
        {
            var (plural, namespaced) = await ResourceAsync(rendered, cancellationToken);
            Assert.Equal(namespaced, rendered.Namespace is not null);
            var path = $"{GroupPath(rendered)}{(namespaced ? $"/namespaces/{rendered.Namespace}" : "")}/{plural}?dryRun=All";
            Assert.Empty(Lost(rendered.Json, await PostAsync(path, rendered.Json.DeepClone(), cancellationToken), rendered.ToString()));
        }
        _accepted.Add(text);
    }

    // What was sent and is not in the answer: a field that the server does not know. Empty is as good as absent.
    private static IEnumerable<string> Lost(JsonNode? sent, JsonNode? kept, string path) => (sent, kept) switch
    {
        // A server of 1.25 and later knows it; what it says of the rules is tried there before each release.
        _ when path.EndsWith(".x-kubernetes-validations", StringComparison.Ordinal) => [],
        (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }, null) => [],
        (JsonObject a, JsonObject b) => a.SelectMany(field => Lost(field.Value, b[field.Key], $"{path}.{field.Key}")),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.SelectMany((item, i) => Lost(item, b[i], $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(sent, kept) ? [] : [$"{path}: {sent?.ToJsonString()} became {kept?.ToJsonString() ?? "nothing"}"],
    };

    private static string GroupPath(RenderedObject rendered) =>
        rendered.ApiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{rendered.ApiVersion}" : $"/api/{rendered.ApiVersion}";

    private async Task<(string Plural, bool Namespaced)> ResourceAsync(RenderedObject rendered, CancellationToken cancellationToken)
    {
        if (!_resources.TryGetValue((rendered.ApiVersion, rendered.Kind), out var found))
        {
            var list = await FindAsync(GroupPath(rendered), cancellationToken);
            Assert.True(list is not null, $"{rendered}: the API server has no {rendered.ApiVersion}; add a stand-in to testdata/foreign.");
            var resource = list["resources"]!.AsArray().Single(r => (string?)r!["kind"] == rendered.Kind && !((string)r["name"]!).Contains('/', StringComparison.Ordinal))!;
            _resources[(rendered.ApiVersion, rendered.Kind)] = found = ((string)resource["name"]!, (bool)resource["namespaced"]!);
        }
        return found;
    }

    private async Task PackAsync()
    {
        await Helm.RunAsync(CancellationToken.None, "package", HelmProgram.Chart, "--destination", _folder.FullName);
        await using (var file = File.OpenRead(Directory.GetFiles(_folder.FullName, "*.tgz").Single()))
        await using (var unzipped = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress))
            await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(unzipped, _folder.FullName, overwriteFiles: false);
        var about = Path.Combine(Chart, "Chart.yaml");
        var lines = await File.ReadAllLinesAsync(about);
        Assert.Single(lines, l => l.StartsWith("kubeVersion:", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(about, lines.Where(l => !l.StartsWith("kubeVersion:", StringComparison.Ordinal)));
    }
}
