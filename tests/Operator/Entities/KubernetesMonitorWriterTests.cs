using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class KubernetesMonitorWriterTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_New_IsThere()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var key = new MonitorKey(operated.Writer.DefaultNamespace, "shop");

        await operated.Writer.CreateAsync(key, Manifest("shop"), Token);

        var live = (await operated.Monitors.FindAsync(new(key.Namespace, key.Name), Token))!.ToDeclaration();
        Assert.Equal("http://127.0.0.1/shop", live.Monitor!.Spec.Check.Target);
    }

    [Fact]
    public async Task Create_Exists_SaysSo()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var key = new MonitorKey(operated.Namespace, "shop");
        await operated.Writer.CreateAsync(key, Manifest("shop"), Token);

        await RefusedAsync(MonitorWriteProblem.AlreadyExists, key.ToString(), () => operated.Writer.CreateAsync(key, Manifest("shop"), Token));
    }

    [Fact]
    public async Task Create_NoSuchNamespace_NamesIt()
    {
        await using var operated = await Operated.CreateAsync(server, Token);

        await RefusedAsync(MonitorWriteProblem.NotFound, "namespace nowhere", () => operated.Writer.CreateAsync(new("nowhere", "shop"), Manifest("shop"), Token));
    }

    [Fact]
    public async Task Create_SchemaForbids_TellsWhatTheServerSays()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var manifest = Manifest("shop").Replace("\"http\":{", "\"interval\":\"soon\",\"http\":{", StringComparison.Ordinal);

        await RefusedAsync(MonitorWriteProblem.Forbidden, "spec.interval", () => operated.Writer.CreateAsync(new(operated.Namespace, "shop"), manifest, Token));
    }

    [Fact]
    public async Task Create_WithoutRights_SaysSo()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var operated = await Operated.CreateAsync(server, Token, await server.CreateServiceAccountAsync(ns, "nobody", Token));

        await RefusedAsync(MonitorWriteProblem.Forbidden, "nobody", () => operated.Writer.CreateAsync(new(operated.Namespace, "shop"), Manifest("shop"), Token));
    }

    [Fact]
    public async Task Create_ServerAway_SaysToTryAgain()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        operated.Proxy.Fault = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };

        await RefusedAsync(MonitorWriteProblem.Unavailable, "try again", () => operated.Writer.CreateAsync(new(operated.Namespace, "shop"), Manifest("shop"), Token));
    }

    [Fact]
    public async Task Update_WhileSomebodyElseWrites_ReplacesWhatIsOursAndKeepsWhatIsNot()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var key = new MonitorKey(operated.Namespace, "shop");
        await operated.Writer.CreateAsync(key, Manifest("shop", """{"old":"1"}"""), Token);
        operated.Proxy.Fault = async context =>
        {
            // The first write comes too late: an owner and kubectl's note are put on just before it.
            if (context.Request.Method == "PUT" && operated.Proxy.Requests.Count(r => r.StartsWith("PUT", StringComparison.Ordinal)) == 1)
                await operated.Monitors.MergeAsync(
                    new(key.Namespace, key.Name),
                    (JsonObject)JsonNode.Parse("""{"metadata":{"finalizers":["example.com/theirs"],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"} } }""")!,
                    Token);
            return false;
        };

        await operated.Writer.UpdateAsync(key, Manifest("shop", """{"new":"2"}""").Replace("/shop", "/moved", StringComparison.Ordinal), Token);

        var live = (await operated.Monitors.FindAsync(new(key.Namespace, key.Name), Token))!;
        Assert.Equal("http://127.0.0.1/moved", live.ToDeclaration().Monitor!.Spec.Check.Target);
        Assert.Equal([new("new", "2")], live.Metadata.Labels);
        Assert.Equal(["example.com/theirs"], live.Metadata.Finalizers);
        Assert.Equal("{}", Assert.Single(live.Metadata.Annotations).Value);
    }

    [Fact]
    public async Task UpdateAndDelete_Missing_SaySo()
    {
        await using var operated = await Operated.CreateAsync(server, Token);
        var key = new MonitorKey(operated.Namespace, "shop");

        await RefusedAsync(MonitorWriteProblem.NotFound, key.ToString(), () => operated.Writer.UpdateAsync(key, Manifest("shop"), Token));
        await RefusedAsync(MonitorWriteProblem.NotFound, key.ToString(), () => operated.Writer.DeleteAsync(key, Token));
    }

    private static string Manifest(string name, string? labels = null)
    {
        var json = JsonNode.Parse(ServiceMonitorFactory.FromSimple(name, $"http://127.0.0.1/{name}"))!;
        if (labels is not null)
            json["metadata"]!["labels"] = JsonNode.Parse(labels);
        return json.ToJsonString();
    }

    private static async Task RefusedAsync(MonitorWriteProblem problem, string saying, Func<Task> write)
    {
        var refused = await Assert.ThrowsAsync<MonitorWriteException>(write);
        Assert.Equal(problem, refused.Problem);
        Assert.Contains(saying, refused.Message, StringComparison.Ordinal);
    }
}
