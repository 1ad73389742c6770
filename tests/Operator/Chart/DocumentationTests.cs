using System.Text.RegularExpressions;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>What the pages tell people to type is what there is.</summary>
[Collection(nameof(ChartCollection))]
public sealed partial class DocumentationTests(ChartCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Releases =>
        [.. new[] { "kind.md", "helm.md" }.SelectMany(Commands).Where(c => c.StartsWith("helm install ", StringComparison.Ordinal) || c.StartsWith("helm upgrade ", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Helm_EachRelease_Renders(string command)
    {
        // An upgrade has the values of the release that it is of.
        var values = command.Contains("upgrade", StringComparison.Ordinal) ? " --set storage.type=embedded" : "";

        Assert.NotEmpty(await RenderAsync(command + values));
    }

    [Fact]
    public async Task Kind_ImagesThatAreBuiltAndLoaded_AreThoseThatRun()
    {
        var commands = Commands("kind.md").ToList();

        var objects = await RenderAsync(commands.Single(c => c.StartsWith("helm install", StringComparison.Ordinal)));

        var run = ImagesOf(objects);
        Assert.Equal(run, Images().Matches(commands.Single(c => c.StartsWith("kind load", StringComparison.Ordinal))).Select(m => m.Value).Order());
        Assert.Equal(run, Named(commands.Single(c => c.Contains("docker build", StringComparison.Ordinal)), "--tag"));
    }

    [Fact]
    public async Task Helm_ImagesThatAreBuiltAndPushed_AreThoseThatRun()
    {
        var commands = Commands("helm.md").ToList();

        var objects = await RenderAsync(commands.Single(c => c.StartsWith("helm install", StringComparison.Ordinal) && c.Contains("image.registry", StringComparison.Ordinal)));

        var loop = commands.Single(c => c.Contains("docker push", StringComparison.Ordinal));
        Assert.Equal(ImagesOf(objects), Named(loop, "--tag"));
        Assert.Equal(ImagesOf(objects), Named(loop, "push"));
        // The Secret that is made is the one that is named, for the chart's pods and for the pools'.
        var secret = commands.Single(c => c.Contains("create secret docker-registry", StringComparison.Ordinal)).Split(' ')[6];
        var signedIn = await RenderAsync(commands.Single(c => c.Contains("image.pullSecrets", StringComparison.Ordinal)) + " --set storage.type=embedded");
        Assert.All(signedIn.Select(o => o.Pod).OfType<System.Text.Json.Nodes.JsonObject>(), pod => Assert.Equal(secret, (string?)pod["imagePullSecrets"]![0]!["name"]));
        Assert.Contains(signedIn, o => o.Pod?["containers"]![0]!["args"]!.AsArray().Any(a => (string)a! == $"--probe-pull-secrets={secret}") == true);
    }

    [Fact]
    public async Task Kind_Services_AreThoseThatAreNamed()
    {
        var commands = Commands("kind.md").ToList();

        var services = (await RenderAsync(commands.Single(c => c.StartsWith("helm install", StringComparison.Ordinal)))).Where(o => o.Kind == "Service").ToList();

        var forward = commands.Single(c => c.Contains("port-forward", StringComparison.Ordinal)).Split(' ');
        Assert.Contains(services, s => $"svc/{s.Name}" == forward[^2] && (int)s.Json["spec"]!["ports"]![0]!["port"]! == int.Parse(forward[^1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(5, commands.TakeWhile(c => !c.Contains("config/samples", StringComparison.Ordinal)).Count());
    }

    [Fact]
    public void Kind_Configuration_IsOneThatKindReads()
    {
        var configuration = RenderedObject.ReadOne(File.ReadAllText(Repository.File("kind-config.yaml")));

        Assert.Equal(("Cluster", "kind.x-k8s.io/v1alpha4"), ((string?)configuration["kind"], (string?)configuration["apiVersion"]));
        Assert.Empty(configuration.Select(f => f.Key).Except(["kind", "apiVersion", "name", "networking", "nodes"]));
        Assert.Equal("127.0.0.1", (string?)configuration["networking"]!["apiServerAddress"]);
        Assert.Single(configuration["nodes"]!.AsArray(), n => (string?)n!["role"] == "control-plane");
        // The other commands name the cluster.
        Assert.All(Commands("kind.md").Where(c => c.StartsWith("kind ", StringComparison.Ordinal) && c.Contains("--name", StringComparison.Ordinal)), c =>
            Assert.Contains($"--name {configuration["name"]}", c, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Commands(string page) => File.ReadLines(Repository.File("docs", page)).Where(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim());

    private async Task<List<RenderedObject>> RenderAsync(string command)
    {
        string[] notRendering = ["--wait", "--create-namespace", "--reset-then-reuse-values"];
        var arguments = command.Split(' ')[2..].Where(a => !notRendering.Contains(a)).Select(a => a == "charts/healthtrack" ? HelmProgram.Chart : a.Trim('\''));
        return RenderedObject.Read(await cluster.Helm.RunAsync(Token, ["template", .. arguments, "--kube-version", "1.25.0"]));
    }

    // What the pods run, and what those of pools do.
    private static List<string> ImagesOf(List<RenderedObject> objects)
    {
        var containers = objects.Where(o => o.Pod is not null).SelectMany(o => o.Pod!["containers"]!.AsArray()).ToList();
        var pools = containers.SelectMany(c => c!["args"]!.AsArray()).Select(a => (string)a!).Where(a => a.StartsWith("--probe-image=", StringComparison.Ordinal)).Select(a => a.Split('=')[1]);
        return [.. containers.Select(c => (string)c!["image"]!).Concat(pools).Order()];
    }

    // What a loop over images does: "for image in a b; do docker push registry/$image:1; done".
    private static IEnumerable<string> Named(string loop, string word)
    {
        var name = loop.Split(' ', ';').SkipWhile(w => w != word).ElementAt(1);
        return loop["for image in ".Length..loop.IndexOf(';', StringComparison.Ordinal)].Split(' ').Select(image => name.Replace("$image", image, StringComparison.Ordinal)).Order();
    }

    [GeneratedRegex(@"healthtrack/[a-z]+:[\w.]+")]
    private static partial Regex Images();
}
