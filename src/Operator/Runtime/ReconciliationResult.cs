using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>How a reconcile ended. A failure is tried again, later each time, for ever; an exception counts as one.</summary>
/// <param name="Entity">What was reconciled.</param>
/// <param name="IsSuccess">Whether the object is as it should be now.</param>
/// <param name="RequeueAfter">When to look again though nothing changes; null: not, or for a failure, when its backoff says so.</param>
/// <param name="ErrorMessage">What went wrong; null after a success.</param>
/// <param name="Error">Its cause, where it has one.</param>
internal sealed record ReconciliationResult<TEntity>(
    TEntity Entity, bool IsSuccess, TimeSpan? RequeueAfter, string? ErrorMessage, Exception? Error)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>All is as it should be.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) => new(entity, true, requeueAfter, null, null);

    /// <summary>It is not.</summary>
    public static ReconciliationResult<TEntity> Failure(TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, false, requeueAfter, errorMessage, error);
}
