using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>How a controller runs.</summary>
internal sealed record ControllerOptions
{
    /// <summary>Namespaces that are watched; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Reconciles at once, of different objects.</summary>
    public int Workers { get; init; } = 16;

    /// <summary>How long one reconcile may take before it is cancelled and counts as failed.</summary>
    public TimeSpan ReconcileLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a reconcile that was cancelled is waited for before its worker turns to other objects.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long reconciles may go on after a stop was asked for, before they are cancelled.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between the tries of an object that fails.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));

    /// <summary>How the API server is watched.</summary>
    public ReflectorOptions Watching { get; init; } = new();

    /// <summary>
    /// Whether a change is worth a reconcile: one of the spec (the generation), of labels, annotations and finalizers, or the wish to delete. A write
    /// of the status is not, least of all our own.
    /// </summary>
    public static bool IsOfInterest(IKubernetesObject<V1ObjectMeta> before, IKubernetesObject<V1ObjectMeta> now)
    {
        var (a, b) = (before.Metadata, now.Metadata);
        return a.Generation != b.Generation
            || b.Generation is null // Built-in kinds without a generation: everything may be of interest.
            || a.DeletionTimestamp != b.DeletionTimestamp
            || !Same(a.Labels, b.Labels)
            || !Same(a.Annotations, b.Annotations)
            || !(a.Finalizers ?? []).SequenceEqual(b.Finalizers ?? []);
    }

    private static bool Same(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out var value) && value == pair.Value));
}
