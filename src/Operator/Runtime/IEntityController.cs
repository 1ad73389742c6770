using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Brings the world in line with an object. Called for what exists at the start, for each change since, and again after a failure; never twice at
/// once for one name. Each call gets the newest form: changes in between are not told one by one.
/// </summary>
internal interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object is there, new or changed.</summary>
    /// <param name="entity">Its newest form; not to be changed.</param>
    /// <param name="cancellationToken">The reconcile took too long, or the program stops.</param>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>The object is gone; one of the same name that is there now is another, and is reconciled after this.</summary>
    /// <param name="entity">Its last known form.</param>
    /// <param name="cancellationToken">The reconcile took too long, or the program stops.</param>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>Cleans up before an object goes: the API server keeps a deleted object for as long as it bears the finalizer.</summary>
internal interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The finalizer's name, with a domain: <c>sre.healthtrack.io/pool</c>.</summary>
    string Identifier { get; }

    /// <summary>Cleans up; after a success the finalizer is taken off. May be called again after it succeeded.</summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
