using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class KubernetesMonitorSourceTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_SomeExist_SaysThemThenSynced()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "a", """{"http":{"url":"http://127.0.0.1/a"}}""");
        await CreateAsync(operated.Namespace, "b", """{"http":{"url":"http://127.0.0.1/b"},"interval":"15s"}""");

        await operated.WatchAsync(Token);

        Assert.Equal(3, operated.Events.Count);
        Assert.IsType<MonitorsSynced>(operated.Events.Last());
        var b = operated.Events.OfType<MonitorDeclared>().Single(d => d.Declaration.Key.Name == "b").Declaration;
        var live = (await operated.Monitors.FindAsync(new(operated.Namespace, "b"), Token))!;
        Assert.Equal(live.Metadata.Uid, b.Uid);
        Assert.Equal(live.Metadata.Uid, b.Monitor!.Uid);
        Assert.True(b.HasGeneration);
        Assert.Equal(1, b.Monitor.Generation);
        Assert.Equal("kubernetes", b.Origin);
        Assert.Equal(TimeSpan.FromSeconds(15), b.Monitor.Spec.Interval);
        Assert.Equal(new MonitorKey(operated.Namespace, "b"), b.Key);
    }

    [Fact]
    public async Task Watch_ChangedAndDeleted_SaysSo()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "a", """{"http":{"url":"http://127.0.0.1/a"}}""");
        await operated.WatchAsync(Token);

        await PatchAsync(operated.Namespace, "a", """{"spec":{"http":{"url":"http://127.0.0.1/other"}}}""");
        await Eventually.True(() => operated.Events.Count == 3, "changed", Token);
        await operated.Writer.DeleteAsync(new(operated.Namespace, "a"), Token);
        await Eventually.True(() => operated.Events.Count == 4, "deleted", Token);

        var changed = Assert.IsType<MonitorDeclared>(operated.Events.ElementAt(2)).Declaration;
        Assert.Equal(2, changed.Monitor!.Generation);
        Assert.Equal("http://127.0.0.1/other", changed.Monitor.Spec.Check.Target);
        Assert.Equal(new MonitorRemoved(changed.Key, changed.Uid), operated.Events.Last());
    }

    // What the server's own schema cannot say: between fields, and with CEL, which an old server does not know.
    [Fact]
    public async Task Watch_SpecIsWrong_SaysWhatAndTheOthersGoOn()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "bad", """{"http":{"url":"http://127.0.0.1/a"},"tcp":{"host":"h","port":1},"interval":"5s","timeout":"9s"}""");
        await CreateAsync(operated.Namespace, "good", """{"http":{"url":"http://127.0.0.1/b"}}""");

        await operated.WatchAsync(Token);

        var declarations = operated.Events.OfType<MonitorDeclared>().ToDictionary(d => d.Declaration.Key.Name, d => d.Declaration);
        Assert.NotNull(declarations["good"].Monitor);
        Assert.Null(declarations["bad"].Monitor);
        Assert.Contains(declarations["bad"].Errors, e => e.Path == "spec.timeout");
        Assert.NotEmpty(declarations["bad"].Uid);
        Assert.NotEmpty(declarations["bad"].Manifest);
    }

    [Fact]
    public async Task Watch_NoSpecAtAll_SaysSo()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var entity = new V1Alpha1ServiceMonitor { Metadata = new() { Name = "a", NamespaceProperty = "n", Uid = "u", Generation = 3 } };

        var declaration = entity.ToDeclaration();

        Assert.Contains(declaration.Errors, e => e.Path == "spec");
        Assert.Equal(new MonitorKey("n", "a"), declaration.Key);
    }

    // A folder and a cluster must mean the same by the same manifest, whatever the API server adds to it.
    [Fact]
    public async Task Watch_EverySample_MeansWhatTheFileMeans()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var files = Directory.GetFiles(Repository.File("config", "samples"), "*.yaml");
        var documents = files.SelectMany(f => ManifestReader.Read(File.ReadAllText(f), f, operated.Namespace))
            .Where(d => d.Monitor is not null)
            .Select(d => InNamespace(d, operated.Namespace))
            .ToList();
        foreach (var document in documents)
            await operated.Writer.CreateAsync(document.Key!.Value, document.Manifest, Token);

        await operated.WatchAsync(Token);

        Assert.NotEmpty(documents);
        foreach (var document in documents)
        {
            var key = document.Key!.Value;
            var declared = operated.Events.OfType<MonitorDeclared>().Single(d => d.Declaration.Key == key).Declaration;
            var expected = MonitorDeclarations.From(document, declared.Uid, "kubernetes", 1);
            Assert.Empty(declared.Errors);
            Assert.Equivalent(expected.NotSupported, declared.NotSupported);
            Assert.Equivalent(expected.Monitor, declared.Monitor, strict: true);
        }
    }

    // The manifest of one form and the other is the same text: the API server's additions are none of the user's.
    [Fact]
    public async Task Declaration_StatusAndServerSideMetadata_AreNotInTheManifest()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        await CreateAsync(operated.Namespace, "a", """{"http":{"url":"http://127.0.0.1/a"}}""");
        var before = (await operated.Monitors.FindAsync(new(operated.Namespace, "a"), Token))!.ToDeclaration();

        await operated.Monitors.ApplyStatusAsync(
            new(operated.Namespace, "a"),
            $$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"a"},"status":{"health":"Healthy"} }""", "healthtrack", Token);
        var after = (await operated.Monitors.FindAsync(new(operated.Namespace, "a"), Token))!;

        Assert.Equal("Healthy", after.ReadStatus()!.Health);
        Assert.Equal(before.Manifest, after.ToDeclaration().Manifest);
        Assert.DoesNotContain("status", before.Manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", before.Manifest, StringComparison.Ordinal);
    }

    private static ManifestDocument InNamespace(ManifestDocument document, string ns)
    {
        var json = JsonNode.Parse(document.Manifest)!;
        json["metadata"]!["namespace"] = ns;
        return Assert.Single(ManifestReader.Read(json.ToJsonString(), document.Origin, ns));
    }

    private async Task CreateAsync(string ns, string name, string spec) => await server.PostAsync(
        V1Alpha1ServiceMonitor.Definition.CollectionPath(ns),
        JsonNode.Parse($$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}"},"spec":{{spec}} }""")!, Token);

    private async Task PatchAsync(string ns, string name, string patch)
    {
        using var content = new StringContent(patch, null, "application/merge-patch+json");
        using var answer = await server.Admin.PatchAsync(new Uri(V1Alpha1ServiceMonitor.Definition.Path(new(ns, name)), UriKind.Relative), content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
