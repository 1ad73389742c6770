using System.Globalization;
using System.Text.Json.Nodes;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>What the chart's pods may do, in every case.</summary>
[Collection(nameof(ChartCollection))]
public sealed class SafetyTests(ChartCluster cluster)
{
    private static readonly string[] RestrictedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => [.. ChartCases.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Pods_EachCase_ArePodSecurityRestricted(string name)
    {
        var pods = (await RenderAsync(name)).Where(o => o.Pod is not null).ToList();

        Assert.NotEmpty(pods);
        Assert.All(pods, rendered =>
        {
            var pod = rendered.Pod!;
            Assert.True((bool?)pod["securityContext"]!["runAsNonRoot"]);
            Assert.NotEqual(0, (int?)pod["securityContext"]!["runAsUser"]);
            Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
            foreach (var host in (string[])["hostNetwork", "hostPID", "hostIPC", "initContainers"])
                Assert.Null(pod[host]);
            Assert.All(pod["volumes"]!.AsArray(), v => Assert.Single(v!.AsObject(), field => field.Key != "name" && RestrictedVolumes.Contains(field.Key)));
            var container = Assert.Single(pod["containers"]!.AsArray())!;
            var security = container["securityContext"]!;
            Assert.False((bool?)security["allowPrivilegeEscalation"]);
            Assert.True((bool?)security["readOnlyRootFilesystem"]);
            Assert.Equal(["ALL"], security["capabilities"]!["drop"]!.AsArray().Select(c => (string)c!));
            Assert.Null(security["capabilities"]!["add"]);
            // What it writes is on a volume, of which /tmp is always one.
            Assert.Contains(container["volumeMounts"]!.AsArray(), m => (string?)m!["mountPath"] == "/tmp");
            Assert.NotNull(container["resources"]!["requests"]!["memory"]);
        });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Tokens_EachCase_AreTheOperatorsAlone(string name)
    {
        var objects = await RenderAsync(name);

        var mounting = objects.Where(o => (bool?)o.Pod?["automountServiceAccountToken"] ?? o.Pod is not null).Select(o => o.Name);
        Assert.Equal([Operator(objects).Name], mounting);
        Assert.All(objects.Where(o => o.Kind == "ServiceAccount"), account => Assert.False((bool?)account.Json["automountServiceAccountToken"]));
        if (Find(objects, "Deployment", "-dashboard") is not { } dashboard)
            return;
        var token = dashboard.Pod!["volumes"]!.AsArray().Single(v => (string?)v!["name"] == "token")!["projected"]!["sources"]!.AsArray().Single()!["serviceAccountToken"]!;
        Assert.Equal("healthtrack", (string?)token["audience"]);
    }

    [Fact]
    public async Task Secrets_OfStoreRedisAndKafka_AreNamedAndNeverArguments()
    {
        var pod = Operator(await RenderAsync("production")).Pod!["containers"]![0]!;

        var environment = pod["env"]!.AsArray().ToDictionary(e => (string)e!["name"]!, e => e!["valueFrom"]?["secretKeyRef"]);
        foreach (var (variable, secret, key) in (ReadOnlySpan<(string, string, string)>)[("STORAGE", "cluster-app", "uri"), ("REDIS", "redis", "connection"), ("KAFKA", "kafka", "brokers")])
        {
            Assert.Equal(secret, (string?)environment[$"HEALTHTRACK_{variable}"]!["name"]);
            Assert.Equal(key, (string?)environment[$"HEALTHTRACK_{variable}"]!["key"]);
        }
        Assert.DoesNotContain(pod["args"]!.AsArray(), a => ((string)a!).StartsWith("--storage", StringComparison.Ordinal)
            || ((string)a!).StartsWith("--redis", StringComparison.Ordinal) || ((string)a!).StartsWith("--kafka", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trial", "--link-ca-configmap=healthtrack-link-ca")]
    [InlineData("cert-manager", "--link-ca-configmap=trust-bundle")]
    [InlineData("other-issuer", "--link-ca-secret=healthtrack-link-tls")]
    [InlineData("own-certificate", null)]
    [InlineData("bare", null)]
    public async Task Link_EachMode_TellsTheWorkersWhomToTrust(string name, string? flag)
    {
        var arguments = Operator(await RenderAsync(name)).Pod!["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!).ToList();

        Assert.Equal(flag, arguments.SingleOrDefault(a => a.StartsWith("--link-ca", StringComparison.Ordinal)));
        Assert.Equal(name != "bare", arguments.Contains("--link-tls-cert=/etc/healthtrack/link/tls.crt"));
        Assert.Equal(name == "bare", arguments.Contains("--link-address=http://healthtrack-operator-link.healthtrack.svc:8001"));
    }

    [Theory]
    [InlineData("trial", 65532)]
    [InlineData("pods", 1000650000)]
    [InlineData("openshift", null)]
    public async Task User_OfThePods_IsTheWorkersToo(string name, int? user)
    {
        var pod = Operator(await RenderAsync(name)).Pod!;

        Assert.Equal(user, (int?)pod["securityContext"]!["runAsUser"]);
        Assert.Contains($"--probe-user={user?.ToString(CultureInfo.InvariantCulture) ?? "none"}", pod["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!));
    }

    // Killed when its services' time is over, it could not say what it left undone.
    [Fact]
    public async Task Operator_ThatStops_HasLongerThanItsHostTakes() =>
        Assert.True((int)Operator(await RenderAsync("trial")).Pod!["terminationGracePeriodSeconds"]! > new Microsoft.Extensions.Hosting.HostOptions().ShutdownTimeout.TotalSeconds);

    [Theory]
    [InlineData("trial", "--probe-requests=cpu=50m,memory=64Mi", "--probe-limits=memory=512Mi")]
    [InlineData("production", "--probe-pull-secrets=regcred", "--probe-requests=cpu=1,memory=268435456", "--probe-limits=memory=1Gi")]
    [InlineData("limitless")]
    public async Task Workers_OfPoolsThatSayNothing_HaveWhatTheValuesSay(string name, params string[] flags)
    {
        var arguments = Operator(await RenderAsync(name)).Pod!["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!).ToList();

        string[] told = ["--probe-pull-secrets", "--probe-requests", "--probe-limits"];
        Assert.Equal(flags, arguments.Where(a => told.Contains(a.Split('=')[0])));
        Assert.Empty(OperatorCommand.Root().Parse(arguments).Errors);
    }

    // A policy sees the port of the pod that a Service leads to: 5353 where OpenShift's name servers listen.
    [Fact]
    public async Task NetworkPolicies_All_LetNamesBeAsked()
    {
        var policies = (await RenderAsync("trial")).Where(o => o.Kind == "NetworkPolicy").ToList();

        Assert.Equal(2, policies.Count);
        Assert.All(policies, policy => Assert.Equal(
            [(53, "UDP"), (53, "TCP"), (5353, "UDP"), (5353, "TCP")],
            policy.Json["spec"]!["egress"]![0]!["ports"]!.AsArray().Select(p => ((int)p!["port"]!, (string)p["protocol"]!))));
    }

    [Fact]
    public async Task NetworkPolicies_WithoutEgress_SayNothingOfWhatIsDialled()
    {
        var policies = (await RenderAsync("cilium")).Where(o => o.Kind == "NetworkPolicy").ToList();

        Assert.Equal(2, policies.Count);
        Assert.All(policies, policy =>
        {
            Assert.Equal(["Ingress"], policy.Json["spec"]!["policyTypes"]!.AsArray().Select(t => (string)t!));
            Assert.Null(policy.Json["spec"]!["egress"]);
            Assert.NotEmpty(policy.Json["spec"]!["ingress"]!.AsArray());
        });
    }

    [Theory]
    [InlineData("trial", "--bind=0.0.0.0")]
    [InlineData("ipv6", "--bind=::")]
    public async Task Bind_OfBothPrograms_IsThatOfTheValues(string name, string flag)
    {
        var pods = (await RenderAsync(name)).Where(o => o.Kind == "Deployment").Select(o => o.Pod!["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!)).ToList();

        Assert.Equal(2, pods.Count);
        Assert.All(pods, arguments => Assert.Contains(flag, arguments));
    }

    [Theory]
    [InlineData("trial", "--public-url=http://healthtrack-dashboard.healthtrack.svc:3000")]
    [InlineData("production", "--public-url=https://uptime.example.org")]
    [InlineData("trial-forgetful", null)]
    public async Task PublicUrl_WithoutADashboard_LeadsToNone(string name, string? flag)
    {
        var arguments = Operator(await RenderAsync(name)).Pod!["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!);

        Assert.Equal(flag, arguments.SingleOrDefault(a => a.StartsWith("--public-url", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Roles_OfTheOperator_AreExactlyThoseOfConfig()
    {
        var objects = await RenderAsync("trial");

        var source = Sources("operator.yaml").Concat(Sources("leader-election.yaml")).Concat(Sources("users.yaml")).Concat(Sources("dashboard.yaml")).Where(o => o.Kind is "Role" or "ClusterRole").ToList();
        Assert.NotEmpty(source);
        foreach (var role in source)
        {
            var made = objects.Single(o => o.Kind == role.Kind && o.Name == role.Name);
            Assert.True(JsonNode.DeepEquals(role.Json["rules"], made.Json["rules"]), $"{role} has other rules than in config/rbac.");
            foreach (var (label, value) in role.Json["metadata"]!["labels"]?.AsObject() ?? [])
                Assert.Equal((string?)value, (string?)made.Json["metadata"]!["labels"]![label]);
        }
        // No other role; and all are bound to the operator, or to the dashboard, that are their own.
        Assert.Equal(source.Select(o => o.Name).Order(), objects.Where(o => o.Kind is "Role" or "ClusterRole").Select(o => o.Name).Order());
        Assert.Equal(
            source.Select(o => o.Name).Except(["healthtrack-view", "healthtrack-edit", "healthtrack-dashboard"]).Order(), BoundTo(objects, "healthtrack-operator").Select(b => b.Role).Order());
        Assert.Equal([("ClusterRole", "healthtrack-dashboard")], BoundTo(objects, "healthtrack-dashboard"));
    }

    [Fact]
    public async Task Roles_WithNamespaces_ReachNoFurtherButForQuestions()
    {
        var objects = await RenderAsync("namespaces");

        var everywhere = objects.Single(o => o is { Kind: "ClusterRole", Name: "healthtrack-operator" }).Json["rules"]!.AsArray();
        Assert.Equal(["subjectaccessreviews", "tokenreviews"], everywhere.SelectMany(r => r!["resources"]!.AsArray()).Select(r => (string)r!).Order());
        var whole = Sources("operator.yaml").Single(o => o.Kind == "ClusterRole").Json["rules"]!.AsArray();
        var roles = objects.Where(o => o is { Kind: "Role", Name: "healthtrack-operator" }).ToList();
        Assert.Equal(["healthtrack", "shop"], roles.Select(r => r.Namespace).Order());
        Assert.All(roles, role => Assert.Equal(whole.Count, everywhere.Count + role.Json["rules"]!.AsArray().Count));
        Assert.Equal(2, BoundTo(objects, "healthtrack-operator").Count(b => b is { Role: "healthtrack-operator", Kind: "Role" }));
        Assert.Equal([("Role", "healthtrack-dashboard")], BoundTo(objects, "healthtrack-dashboard"));
        Assert.Equal("shop", objects.Single(o => o is { Kind: "RoleBinding", Name: "healthtrack-dashboard" }).Namespace);
        Assert.Contains("--namespaces=shop", Operator(objects).Pod!["containers"]![0]!["args"]!.AsArray().Select(a => (string)a!));
    }

    [Fact]
    public async Task Arguments_OfTheDashboard_AreFlagsThatItHas()
    {
        var source = string.Concat(Directory.GetFiles(Repository.File("src", "Dashboard"), "*.cs").Select(File.ReadAllText));

        var arguments = Find(await RenderAsync("production"), "Deployment", "-dashboard")!.Pod!["containers"]![0]!["args"]!.AsArray().Select(a => ((string)a!).Split('=')[0]).ToList();

        Assert.NotEmpty(arguments);
        Assert.All(arguments, flag => Assert.Contains($"\"{flag}\"", source, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Selectors_EachService_FindsAPodAndItsPort()
    {
        var objects = await RenderAsync("production");
        var pods = objects.Where(o => o.Kind == "Deployment").Select(o => o.Json["spec"]!["template"]!).ToList();

        foreach (var service in objects.Where(o => o.Kind == "Service"))
        {
            var selector = service.Json["spec"]!["selector"]!.AsObject();
            var pod = Assert.Single(pods, p => selector.All(s => (string?)p["metadata"]!["labels"]![s.Key] == (string?)s.Value));
            var ports = pod["spec"]!["containers"]![0]!["ports"]!.AsArray().Select(p => (string)p!["name"]!);
            Assert.All(service.Json["spec"]!["ports"]!.AsArray(), p => Assert.Contains((string)p!["targetPort"]!, ports));
        }
        Assert.Equal(["uptime-api", "uptime-dashboard", "uptime-operator-link"], objects.Where(o => o.Kind == "Service").Select(o => o.Name).Order());
    }

    private Task<List<RenderedObject>> RenderAsync(string name) => cluster.RenderAsync(name, Token);

    private static RenderedObject Operator(List<RenderedObject> objects) => Find(objects, "Deployment", "-operator")!;

    private static RenderedObject? Find(List<RenderedObject> objects, string kind, string suffix) =>
        objects.SingleOrDefault(o => o.Kind == kind && o.Name.EndsWith(suffix, StringComparison.Ordinal));

    private static List<RenderedObject> Sources(string file) => RenderedObject.Read(File.ReadAllText(Repository.File("config", "rbac", file)));

    private static IEnumerable<(string Kind, string Role)> BoundTo(List<RenderedObject> objects, string account) =>
        from binding in objects
        where binding.Kind is "RoleBinding" or "ClusterRoleBinding"
        where binding.Json["subjects"]!.AsArray().Any(s => (string?)s!["name"] == account)
        select ((string)binding.Json["roleRef"]!["kind"]!, (string)binding.Json["roleRef"]!["name"]!);
}
