using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>How much an event matters.</summary>
internal enum EventType
{
    /// <summary>As it should be.</summary>
    Normal,

    /// <summary>Somebody should look.</summary>
    Warning,
}

/// <summary>
/// Says on an object what happened to it, for <c>kubectl describe</c>. Repeats are counted, not written anew, and who talks too much is not written at all.
/// An event that cannot be written is logged and lost: nothing depends on one.
/// </summary>
/// <param name="entity">On what.</param>
/// <param name="reason">One CamelCase word.</param>
/// <param name="message">One sentence, without secrets.</param>
/// <param name="type">How much it matters.</param>
/// <param name="cancellationToken">Gives up.</param>
internal delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken);
