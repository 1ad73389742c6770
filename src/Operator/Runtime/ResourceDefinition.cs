using System.Reflection;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>Where the API server keeps a namespaced kind.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">Its version.</param>
/// <param name="Kind">The kind, as in a manifest.</param>
/// <param name="Plural">The plural, as in a URL.</param>
internal sealed record ResourceDefinition(string Group, string Version, string Kind, string Plural)
{
    /// <summary>As in a manifest's <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As <see cref="KubernetesEntityAttribute"/> on a type says it.</summary>
    public static ResourceDefinition Of<T>()
    {
        var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new InvalidOperationException($"{typeof(T)} says no kind: give it a {nameof(KubernetesEntityAttribute)}.");
        return new ResourceDefinition(entity.Group ?? "", entity.ApiVersion, entity.Kind, entity.PluralName);
    }

    /// <summary>The path of the objects of one namespace; of all with null.</summary>
    public string CollectionPath(string? ns)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return ns is null ? $"{root}/{Plural}" : $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}";
    }

    /// <summary>The path of one object.</summary>
    public string Path(ResourceKey key) => $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";

    /// <summary>As people ask kubectl for it: <c>servicemonitors.sre.healthtrack.io</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
