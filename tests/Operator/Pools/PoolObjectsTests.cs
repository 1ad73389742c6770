using System.Text.Json;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Pools;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Tests.Pools;

/// <summary>
/// The objects against KubernetesClient's models: an API server drops a field that it does not know without a word, and the one of the tests has no policy/v1.
/// </summary>
public sealed class PoolObjectsTests
{
    private static readonly V1Alpha1ProbePool Pool = new()
    {
        Metadata = new V1ObjectMeta { Name = "eu", NamespaceProperty = "healthtrack", Uid = "1234" },
    };

    private static readonly ProbePoolSpec Whole = new()
    {
        Replicas = 3,
        Resources = new ResourcesSpec
        {
            Requests = new Dictionary<string, string> { ["cpu"] = "100m" },
            Limits = new Dictionary<string, string> { ["memory"] = "256Mi" },
        },
        NodeSelector = new Dictionary<string, string> { ["zone"] = "a" },
        Tolerations = [new TolerationSpec { Key = "k", Operator = "Equal", Value = "v", Effect = "NoExecute", TolerationSeconds = 5 }],
        Egress = new EgressSpec { AllowCIDRs = ["127.0.0.0/8", "::1/128"], DenyCIDRs = ["10.0.0.0/8"] },
    };

    [Fact]
    public void Objects_EveryField_IsOneThatKubernetesKnows()
    {
        Same<V1ServiceAccount>(PoolObjects.ServiceAccount(Pool));
        Same<V1NetworkPolicy>(PoolObjects.NetworkPolicy(Pool, Whole, new PoolOptions { Namespace = "healthtrack" }));
        Same<V1PodDisruptionBudget>(PoolObjects.DisruptionBudget(Pool));
        Same<V1Deployment>(PoolDeployment.Build(Pool, Whole, "image", new PoolOptions { Namespace = "healthtrack", LinkCaConfigMap = "roots" }));
    }

    [Fact]
    public void Deployment_RootsInASecret_ShowsTheWorkersNoOtherKeyOfIt()
    {
        var options = new PoolOptions { Namespace = "healthtrack", LinkCaSecret = "link-tls" };

        var pod = Same<V1Deployment>(PoolDeployment.Build(Pool, Whole, "image", options)).Spec.Template.Spec;

        var secret = pod.Volumes.Single(v => v.Name == "link-ca").Secret;
        Assert.Equal("link-tls", secret.SecretName);
        Assert.Equal("ca.crt", Assert.Single(secret.Items).Key);
        var file = pod.Containers[0].Args[pod.Containers[0].Args.IndexOf("--link-ca-file") + 1];
        Assert.Equal($"{pod.Containers[0].VolumeMounts.Single(m => m.Name == "link-ca").MountPath}/ca.crt", file);
    }

    [Fact]
    public void NetworkPolicy_Ranges_LeaveOutMetadataAndWhatIsDenied()
    {
        var blocks = Egress(new EgressSpec { AllowCIDRs = ["169.254.10.0/24"], DenyCIDRs = ["10.0.0.0/8", "fd00::/8"] })[2].To.Select(t => t.IpBlock).ToList();

        Assert.Equal(["0.0.0.0/0", "::/0", "169.254.10.0/24"], blocks.Select(b => b.Cidr));
        Assert.Equal(["169.254.0.0/16", "100.100.100.200/32", "10.0.0.0/8"], blocks[0].Except);
        Assert.Equal(["fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "fd00::/8"], blocks[1].Except);
        Assert.Null(blocks[2].Except);
    }

    [Fact]
    public void NetworkPolicy_EverythingDenied_LeavesNamesAndTheLink()
    {
        var rules = Egress(new EgressSpec { AllowCIDRs = ["169.254.10.0/24"], DenyCIDRs = ["0.0.0.0/0", "::/0"] });

        Assert.Equal(["53", "53", "5353", "5353", "9001"], rules.SelectMany(r => r.Ports).Select(p => p.Port.Value));
    }

    [Fact]
    public void NetworkPolicy_NothingDenied_NamesPodsToo() =>
        Assert.Contains(Egress(null)[2].To, t => t.NamespaceSelector is not null);

    private static IList<V1NetworkPolicyEgressRule> Egress(EgressSpec? egress) => KubernetesJson.Deserialize<V1NetworkPolicy>(
        PoolObjects.NetworkPolicy(Pool, new ProbePoolSpec { Egress = egress }, new PoolOptions { Namespace = "healthtrack", LinkAddress = "http://10.1.2.3:9001" })
            .ToJsonString()).Spec.Egress;

    [Theory]
    [InlineData(10001)]
    [InlineData(null)]
    public void Deployment_ProbeUser_IsThatOfThePodOrTheClusters(int? user)
    {
        var options = new PoolOptions { Namespace = "healthtrack", ProbeUser = user };

        var security = Same<V1Deployment>(PoolDeployment.Build(Pool, Whole, "image", options)).Spec.Template.Spec.SecurityContext;

        Assert.Equal((user, user, user), ((int?)security.RunAsUser, (int?)security.RunAsGroup, (int?)security.FsGroup));
        Assert.True(security.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", security.SeccompProfile.Type);
    }

    [Theory]
    [InlineData("10001")]
    [InlineData("none")]
    [InlineData("0", "--probe-user is 0")]
    [InlineData("nobody", "--probe-user is nobody")]
    public void Command_ProbeUser_IsANumberThatIsNotRootsOrNone(string user, string? refused = null)
    {
        var errors = OperatorCommand.Root().Parse(["--probe-user", user]).Errors;

        if (refused is null)
            Assert.Empty(errors);
        else
            Assert.Contains(refused, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deployment_PoolThatSaysNothing_HasTheOperatorsResourcesAndPullSecrets()
    {
        var pod = Same<V1Deployment>(PoolDeployment.Build(Pool, new ProbePoolSpec(), "image", Defaults)).Spec.Template.Spec;

        Assert.Equal(["regcred"], pod.ImagePullSecrets.Select(s => s.Name));
        Assert.Equal(("50m", "64Mi"), (pod.Containers[0].Resources.Requests["cpu"].ToString(), pod.Containers[0].Resources.Requests["memory"].ToString()));
        Assert.Equal("512Mi", Assert.Single(pod.Containers[0].Resources.Limits).Value.ToString());
    }

    // Both would be half of each: a request of the pool's above a limit that is not its own.
    [Fact]
    public void Deployment_PoolThatSaysSomething_HasItsOwnAlone()
    {
        var spec = new ProbePoolSpec
        {
            ImagePullSecrets = [new SecretNameRef { Name = "own" }],
            Resources = new ResourcesSpec { Requests = new Dictionary<string, string> { ["memory"] = "2Gi" } },
        };
        var pod = Same<V1Deployment>(PoolDeployment.Build(Pool, spec, "image", Defaults)).Spec.Template.Spec;

        Assert.Equal(["own"], pod.ImagePullSecrets.Select(s => s.Name));
        Assert.Equal("2Gi", Assert.Single(pod.Containers[0].Resources.Requests).Value.ToString());
        Assert.Null(pod.Containers[0].Resources.Limits);
    }

    [Fact]
    public void Deployment_PoolThatSaysNone_HasNone()
    {
        var pod = Same<V1Deployment>(PoolDeployment.Build(Pool, new ProbePoolSpec { ImagePullSecrets = [], Resources = new ResourcesSpec() }, "image", Defaults)).Spec.Template.Spec;

        Assert.Null(pod.ImagePullSecrets);
        Assert.Null(pod.Containers[0].Resources);
    }

    private static readonly PoolOptions Defaults = new()
    {
        Namespace = "healthtrack",
        ProbePullSecrets = ["regcred"],
        ProbeResources = new ResourcesSpec { Requests = ResourceQuantities.Parse("cpu=50m,memory=64Mi"), Limits = ResourceQuantities.Parse("memory=512Mi") },
    };

    [Theory]
    [InlineData("cpu=0.5, memory=64Mi,nvidia.com/gpu=1")]
    [InlineData("cpu", "--probe-requests is cpu")]
    [InlineData("memory=lots", "--probe-requests is memory=lots")]
    [InlineData("cpu=1,cpu=2", "--probe-requests is cpu=1,cpu=2")]
    public void Command_ProbeRequests_AreQuantitiesByName(string requests, string? refused = null)
    {
        var errors = OperatorCommand.Root().Parse([$"--probe-requests={requests}"]).Errors;

        if (refused is null)
            Assert.Empty(errors);
        else
            Assert.Contains(refused, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deployment_Options_AreTheWorkersArguments()
    {
        var options = new PoolOptions { Namespace = "healthtrack", LinkAddress = "http://10.1.2.3:9001", LinkCaConfigMap = "roots", Bind = "::" };
        var container = PoolDeployment.Build(Pool, Whole, "image", options)["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var arguments = string.Join(' ', container["args"]!.AsArray().Select(a => (string)a!));

        Assert.Contains("--operator http://10.1.2.3:9001 ", arguments, StringComparison.Ordinal);
        Assert.Contains("--bind :: ", arguments, StringComparison.Ordinal);
        Assert.Contains("--allow-cidrs 127.0.0.0/8,::1/128 --deny-cidrs 10.0.0.0/8", arguments, StringComparison.Ordinal);
        var ca = arguments.Split(' ').SkipWhile(a => a != "--link-ca-file").ElementAt(1);
        Assert.Contains(container["volumeMounts"]!.AsArray(), m => ca.StartsWith((string)m!["mountPath"]!, StringComparison.Ordinal));
    }

    private static T Same<T>(JsonObject built)
    {
        var model = KubernetesJson.Deserialize<T>(built.ToJsonString());
        var again = JsonNode.Parse(KubernetesJson.Serialize(model))!;
        Assert.True(JsonNode.DeepEquals(built, again), $"{built.ToJsonString()}\n{again.ToJsonString(new JsonSerializerOptions())}");
        return model;
    }
}
