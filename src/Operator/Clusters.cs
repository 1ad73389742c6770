using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace HealthTrack.Operator;

/// <summary>The cluster cannot be told from what was given; the message is for who started the program.</summary>
internal sealed class KubeconfigException(string message) : Exception(message);

/// <summary>Finds the cluster to work on.</summary>
internal static class Clusters
{
    /// <summary>The kubeconfig given; else the cluster that this runs in; else kubectl's: KUBECONFIG, then ~/.kube/config.</summary>
    /// <exception cref="KubeconfigException">There is none, or it cannot be used.</exception>
    public static KubernetesClientConfiguration Find(string? kubeconfig)
    {
        if (kubeconfig is not null && !File.Exists(kubeconfig))
            throw new KubeconfigException($"{(Directory.Exists(kubeconfig) ? $"{kubeconfig} is a folder and no kubeconfig" : $"There is no kubeconfig {kubeconfig}")}: give --kubeconfig FILE, or --monitors DIR to run without a cluster.");
        try
        {
            if (kubeconfig is not null)
                return KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
            return KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile();
        }
        catch (Exception e) when (e is KubeConfigException or KubernetesClientException or YamlException or IOException or UnauthorizedAccessException or FormatException)
        {
            var what = kubeconfig is null ? "No cluster is found" : $"The kubeconfig {kubeconfig} cannot be used";
            // YAML's own words for what is wrong are one deeper.
            var why = (e is YamlException ? e.GetBaseException() : e).Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
            throw new KubeconfigException($"{what}: {why}. Give --kubeconfig FILE, or --monitors DIR to run without a cluster.");
        }
    }

    /// <summary>The namespace of the pod that this runs in; outside a pod that of the kubeconfig's context, as kubectl has it, else <c>default</c>.</summary>
    public static string OwnNamespace(KubernetesClientConfiguration cluster) => cluster.Namespace is { Length: > 0 } own ? own : "default";
}
