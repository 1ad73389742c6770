using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>The name of a namespaced object among those of its kind.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct ResourceKey(string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ResourceKey Of(IKubernetesObject<V1ObjectMeta> entity) => new(entity.Metadata.NamespaceProperty ?? "", entity.Metadata.Name);

    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
