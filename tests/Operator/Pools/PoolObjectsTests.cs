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
        Same<V1NetworkPolicy>(PoolObjects.NetworkPolicy(Pool));
        Same<V1PodDisruptionBudget>(PoolObjects.DisruptionBudget(Pool));
        Same<V1Deployment>(PoolDeployment.Build(Pool, Whole, "image", new PoolOptions { Namespace = "healthtrack", LinkCaConfigMap = "roots" }));
    }

    [Fact]
    public void Deployment_Options_AreTheWorkersArguments()
    {
        var options = new PoolOptions { Namespace = "healthtrack", LinkAddress = "http://10.1.2.3:9001", LinkCaConfigMap = "roots" };
        var container = PoolDeployment.Build(Pool, Whole, "image", options)["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var arguments = string.Join(' ', container["args"]!.AsArray().Select(a => (string)a!));

        Assert.Contains("--operator http://10.1.2.3:9001 ", arguments, StringComparison.Ordinal);
        Assert.Contains("--allow-cidrs 127.0.0.0/8,::1/128 --deny-cidrs 10.0.0.0/8", arguments, StringComparison.Ordinal);
        var ca = arguments.Split(' ').SkipWhile(a => a != "--link-ca-file").ElementAt(1);
        Assert.Contains(container["volumeMounts"]!.AsArray(), m => ca.StartsWith((string)m!["mountPath"]!, StringComparison.Ordinal));
    }

    private static void Same<T>(JsonObject built)
    {
        var again = JsonNode.Parse(KubernetesJson.Serialize(KubernetesJson.Deserialize<T>(built.ToJsonString())))!;
        Assert.True(JsonNode.DeepEquals(built, again), $"{built.ToJsonString()}\n{again.ToJsonString(new JsonSerializerOptions())}");
    }
}
