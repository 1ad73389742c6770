using System.Text.Json.Nodes;
using HealthTrack.Operator.Entities;

namespace HealthTrack.Operator.Pools;

/// <summary>The objects of one kind that pools own.</summary>
internal interface IOwnedKind
{
    /// <summary>Something happened to the object of the pool of this name.</summary>
    event Action<string>? Touched;

    /// <summary>Watches them until cancelled.</summary>
    Task WatchAsync(CancellationToken cancellationToken);

    /// <summary>Makes the object of a pool what is wanted, where it may not be that already.</summary>
    /// <returns>False: it may not be written now, because another process may lead.</returns>
    /// <exception cref="Runtime.KubernetesApiException">Refused, or no answer.</exception>
    Task<bool> ApplyAsync(V1Alpha1ProbePool pool, JsonObject wanted, CancellationToken cancellationToken);

    /// <summary>Deletes the object of a pool, where the pool owns it.</summary>
    /// <inheritdoc cref="ApplyAsync"/>
    Task<bool> RemoveAsync(V1Alpha1ProbePool pool, CancellationToken cancellationToken);

    /// <summary>The pool of this name is gone, and its objects go with it.</summary>
    void Forget(string pool);
}
