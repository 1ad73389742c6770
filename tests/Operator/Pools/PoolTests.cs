using System.Text.Json.Nodes;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Operator.Tests.Cluster;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Operator.Tests.Pools;

/// <summary>Pools on a real API server. No controllers run there: Deployments get no pods, and what is owned is not collected.</summary>
public sealed class PoolTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pool_Made_HasWhatRunsItsWorkersAndOwnsIt()
    {
        await using var op = await StartAsync();
        await op.ApplyAsync("ProbePool", "eu", """{"replicas":2,"image":"registry.example/mine:7","imagePullSecrets":[{"name":"regcred"}],"nodeSelector":{"zone":"a"},"egress":{"denyCIDRs":["10.0.0.0/8"]}}""");

        var deployment = await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), _ => true, "there is a Deployment", Token);
        var account = await PoolOperator.UntilAsync(() => op.OwnedAsync<V1ServiceAccount>("eu", Token), _ => true, "there is an account", Token);
        var policy = await PoolOperator.UntilAsync(() => op.OwnedAsync<V1NetworkPolicy>("eu", Token), _ => true, "there is a policy", Token);
        // The first status may come before the watch has shown the Deployment.
        var pool = await PoolOperator.UntilAsync(() => op.PoolAsync("eu", Token), p => (int?)p["status"]?["replicas"] == 2, "the pool says how many", Token);
        Assert.Equal("NoWorker", (string)PoolOperator.Condition(pool, "Ready")!["reason"]!);

        foreach (var owned in new[] { deployment, account, policy })
        {
            var owner = Assert.Single(owned["metadata"]!["ownerReferences"]!.AsArray())!;
            Assert.Equal(("ProbePool", "eu", (string)pool["metadata"]!["uid"]!, true), ((string)owner["kind"]!, (string)owner["name"]!, (string)owner["uid"]!, (bool)owner["controller"]!));
            Assert.Equal("healthtrack", (string)owned["metadata"]!["managedFields"]![0]!["manager"]!);
        }
        Assert.False((bool)account["automountServiceAccountToken"]!);
        Assert.Equal(2, (int)deployment["spec"]!["replicas"]!);
        var pod = deployment["spec"]!["template"]!["spec"]!;
        Assert.Equal(("healthtrack-probe-eu", 60, false, "a"), (
            (string)pod["serviceAccountName"]!, (int)pod["terminationGracePeriodSeconds"]!, (bool)pod["automountServiceAccountToken"]!, (string)pod["nodeSelector"]!["zone"]!));
        Assert.Equal("regcred", (string)pod["imagePullSecrets"]!.AsArray().Single()!["name"]!);
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Equal("RuntimeDefault", (string)pod["securityContext"]!["seccompProfile"]!["type"]!);
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        Assert.Equal("registry.example/mine:7", (string)container["image"]!);
        Assert.Equal(
            $"--operator healthtrack-operator-link.{op.Namespace}.svc:8001 --pool eu --token-file /var/run/secrets/healthtrack/token --spool /var/spool/healthtrack "
            + "--bind 0.0.0.0 --admin-port 8002 --deny-cidrs 10.0.0.0/8",
            string.Join(' ', container["args"]!.AsArray().Select(a => (string)a!)));
        Assert.True((bool)container["securityContext"]!["readOnlyRootFilesystem"]!);
        Assert.Equal("ALL", (string)container["securityContext"]!["capabilities"]!["drop"]![0]!);
        var token = pod["volumes"]!.AsArray().Single(v => (string)v!["name"]! == "token")!["projected"]!["sources"]![0]!["serviceAccountToken"]!;
        Assert.Equal(("healthtrack", "token"), ((string)token["audience"]!, (string)token["path"]!));
        Assert.Equal("RollingOut", (string)PoolOperator.Condition(pool, "Reconciling")!["reason"]!);

        var row = (await op.PoolRowsAsync(Token)).Single(p => p.Name == "eu");
        Assert.Equal((2, 0, false, 0, true), (row.Replicas, row.Ready, row.External, row.WorkersConnected, row.Exists));
        Assert.Contains(row.Conditions, c => c is { Type: "Ready", Reason: "NoWorker" });
    }

    [Fact]
    public async Task Owned_ChangedOrDeletedByHand_ComesBack()
    {
        await using var op = await StartAsync();
        await op.ApplyAsync("ProbePool", "eu", """{"replicas":2}""");
        var made = await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), _ => true, "there is a Deployment", Token);
        await op.UntilConditionAsync("eu", "Ready", "NoWorker", Token);

        await server.KubectlAsync("-n", op.Namespace, "set", "image", "deployment/healthtrack-probe-eu", "probe=evil.example/x");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => Image(d) == "registry.example/probe:1", "the image is ours", Token);
        await server.KubectlAsync("-n", op.Namespace, "scale", "deployment/healthtrack-probe-eu", "--replicas=9");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => (int)d["spec"]!["replicas"]! == 2, "there are two", Token);
        await server.KubectlAsync("-n", op.Namespace, "label", "deployment/healthtrack-probe-eu", "sre.healthtrack.io/pool-");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => (string?)d["metadata"]!["labels"]!["sre.healthtrack.io/pool"] == "eu", "the label is there", Token);
        await server.KubectlAsync("-n", op.Namespace, "patch", "deployment/healthtrack-probe-eu", "--type=json", "-p", """[{"op":"remove","path":"/metadata/ownerReferences"}]""");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => d["metadata"]!["ownerReferences"] is JsonArray { Count: 1 }, "it is owned", Token);
        foreach (var kind in new[] { "deployment", "serviceaccount", "networkpolicy" })
            await server.KubectlAsync("-n", op.Namespace, "delete", kind, "healthtrack-probe-eu", "--wait=false");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => (string)d["metadata"]!["uid"]! != (string)made["metadata"]!["uid"]!, "there is another Deployment", Token);
        await PoolOperator.UntilAsync(() => op.OwnedAsync<V1ServiceAccount>("eu", Token), _ => true, "there is an account again", Token);
        await PoolOperator.UntilAsync(() => op.OwnedAsync<V1NetworkPolicy>("eu", Token), _ => true, "there is a policy again", Token);
    }

    [Fact]
    public async Task Owned_ChangedByOthersInWhatIsTheirs_StaysAndStartsNoQuarrel()
    {
        await using var op = await StartAsync();
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("default", Token), _ => true, "the operator has made its own pool", Token);
        await op.ApplyAsync("ProbePool", "default", """{"replicas":2}""");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("default", Token), d => (int)d["spec"]!["replicas"]! == 2, "there is a Deployment", Token);
        await server.KubectlAsync("-n", op.Namespace, "annotate", "deployment/healthtrack-probe-default", "theirs=kept");
        // Each change of the number is a look at the pool.
        var versions = new List<string>();
        for (var monitors = 1; monitors <= 3; monitors++)
        {
            await op.ApplyAsync("ServiceMonitor", $"m{monitors}", """{"http":{"url":"http://127.0.0.1:9/"},"probe":{"pools":["default"],"quorum":1}}""");
            await PoolOperator.UntilAsync(() => op.PoolAsync("default", Token), p => (int?)p["status"]?["monitors"] == monitors, "the pool counts them", Token);
            versions.Add((string)(await op.DeploymentAsync("default", Token))!["metadata"]!["resourceVersion"]!);
        }

        Assert.Equal(versions[1], versions[2]);
        Assert.Equal("kept", (string)(await op.DeploymentAsync("default", Token))!["metadata"]!["annotations"]!["theirs"]!);
    }

    [Fact]
    public async Task Replicas_NotGiven_AreLeftToOthers()
    {
        await using var op = await StartAsync();
        await op.ApplyAsync("ProbePool", "eu", """{}""");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => (int)d["spec"]!["replicas"]! == 1, "there is one", Token);
        await server.KubectlAsync("-n", op.Namespace, "scale", "deployment/healthtrack-probe-eu", "--replicas=5");

        await op.ApplyAsync("ProbePool", "eu", """{"image":"registry.example/probe:2"}""");
        var changed = await PoolOperator.UntilAsync(() => op.DeploymentAsync("eu", Token), d => Image(d) == "registry.example/probe:2", "the image is the new one", Token);
        Assert.Equal(5, (int)changed["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Pool_OfAnotherNamespace_IsToldSoAndCountsNowhere()
    {
        var elsewhere = await server.CreateNamespaceAsync(Token);
        await using var op = await StartAsync(others: elsewhere);
        await op.ApplyAsync("ProbePool", "eu", """{}""", elsewhere);

        var pool = await op.UntilConditionAsync("eu", "Stalled", "NotInOperatorNamespace", Token, elsewhere);

        Assert.Equal("False", (string)PoolOperator.Condition(pool, "Ready")!["status"]!);
        Assert.Contains(op.Namespace, (string)PoolOperator.Condition(pool, "Stalled")!["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(await op.PoolRowsAsync(Token), p => p.Name == "eu");
        var found = JsonNode.Parse(await server.KubectlAsync("-n", elsewhere, "get", "deployments", "-o", "json"))!;
        Assert.Empty(found["items"]!.AsArray());
    }

    [Fact]
    public async Task Pool_Wrong_IsStalledAndStopsNoOther()
    {
        await using var op = await StartAsync(image: null);
        await op.ApplyAsync("ProbePool", "bad", """{"egress":{"denyCIDRs":["999.0.0.0/8"]}}""");
        await op.ApplyAsync("ProbePool", "imageless", """{}""");
        await op.ApplyAsync("ProbePool", "refused", """{"image":"registry.example/probe:1","resources":{"requests":{"memory":"2Gi"},"limits":{"memory":"1Gi"}}}""");
        await op.ApplyAsync("ProbePool", "good", """{"image":"registry.example/probe:1"}""");

        var bad = await op.UntilConditionAsync("bad", "Stalled", "InvalidSpec", Token);
        Assert.Contains("spec.egress.denyCIDRs[0]", (string)PoolOperator.Condition(bad, "Stalled")!["message"]!, StringComparison.Ordinal);
        var imageless = await op.UntilConditionAsync("imageless", "Stalled", "NoImage", Token);
        Assert.Contains("--probe-image", (string)PoolOperator.Condition(imageless, "Ready")!["message"]!, StringComparison.Ordinal);
        await op.UntilConditionAsync("refused", "Stalled", "Refused", Token);
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("good", Token), _ => true, "the good one has its Deployment", Token);

        // Mended, it goes on.
        await op.ApplyAsync("ProbePool", "bad", """{"image":"registry.example/probe:1","egress":{"denyCIDRs":["10.0.0.0/8"]}}""");
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("bad", Token), _ => true, "the mended one has its Deployment", Token);
        await PoolOperator.UntilAsync(() => op.PoolAsync("bad", Token), p => PoolOperator.Condition(p, "Stalled") is null, "it is not stalled", Token);
    }

    [Fact]
    public async Task Default_NoPoolAtTheStart_IsMadeOnceAndMonitorsOfAPoolThatIsGoneSaySo()
    {
        await using var op = await StartAsync();
        await PoolOperator.UntilAsync(() => op.DeploymentAsync("default", Token), _ => true, "the pool default is made and run", Token);
        await op.ApplyAsync("ServiceMonitor", "shop", """{"http":{"url":"http://127.0.0.1:9/"}}""");
        await PoolOperator.UntilAsync(() => op.MonitorAsync("shop", Token), m => Ready(m) is { } r && (string)r["status"]! == "True", "it operates", Token);
        await PoolOperator.UntilAsync(() => op.PoolAsync("default", Token), p => (int?)p["status"]?["monitors"] == 1, "the pool has one monitor", Token);

        await server.KubectlAsync("-n", op.Namespace, "delete", "probepool", "default");
        var orphan = await PoolOperator.UntilAsync(() => op.MonitorAsync("shop", Token), m => (string?)Ready(m)?["reason"] == "PoolNotFound", "it misses its pool", Token);
        Assert.Equal("False", (string)Ready(orphan)!["status"]!);
        Assert.Contains("default", (string)Ready(orphan)!["message"]!, StringComparison.Ordinal);
        Assert.Null(await op.PoolAsync("default", Token));

        await op.ApplyAsync("ProbePool", "default", """{}""");
        await PoolOperator.UntilAsync(() => op.MonitorAsync("shop", Token), m => Ready(m) is { } r && (string)r["status"]! == "True", "it operates again", Token);
    }

    [Fact]
    public async Task Default_SomePoolIsThere_IsNotMade()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.PostAsync(
            $"/apis/sre.healthtrack.io/v1alpha1/namespaces/{ns}/probepools",
            JsonNode.Parse("""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ProbePool","metadata":{"name":"eu"},"spec":{}}""")!, Token);
        await using var op = await PoolOperator.StartAsync(server, ns, Token);
        await Eventually.True(() => !op.Services.GetRequiredService<IPoolDirectory>().Exists("no-such"), "all pools are known", Token);

        Assert.Null(await op.PoolAsync("default", Token));
        Assert.True(op.Services.GetRequiredService<IPoolDirectory>().Exists("eu"));
    }

    [Fact]
    public async Task InProcess_NothingIsMadeAndThePoolSaysWhoChecks()
    {
        await using var op = await StartAsync(inProcess: true);
        await op.ApplyAsync("ProbePool", "default", """{}""");
        await op.ApplyAsync("ProbePool", "eu", """{}""");

        var own = await op.UntilConditionAsync("default", "Ready", "InProcess", Token);
        var other = await op.UntilConditionAsync("eu", "Ready", "InProcess", Token);

        Assert.Equal(("True", "False"), ((string)PoolOperator.Condition(own, "Ready")!["status"]!, (string)PoolOperator.Condition(other, "Ready")!["status"]!));
        Assert.Null(await op.DeploymentAsync("default", Token));
        Assert.Null(await op.DeploymentAsync("eu", Token));
    }

    private async Task<PoolOperator> StartAsync(bool inProcess = false, string? image = "registry.example/probe:1", params string[] others) =>
        await PoolOperator.StartAsync(server, await server.CreateNamespaceAsync(Token), Token, inProcess, image, others);

    private static string Image(JsonNode deployment) => (string)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!;

    private static JsonNode? Ready(JsonNode monitor) => PoolOperator.Condition(monitor, "Ready");
}
