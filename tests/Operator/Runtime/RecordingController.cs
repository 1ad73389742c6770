using System.Collections.Concurrent;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Tests.Runtime;

/// <summary>Remembers what it was told, and does what a test wants.</summary>
internal sealed class RecordingController : IEntityController<Widget>
{
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What a reconcile does; null succeeds.</summary>
    public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>>? OnReconcile { get; set; }

    /// <summary>What a deletion does; null succeeds.</summary>
    public Func<Widget, Task<ReconciliationResult<Widget>>>? OnDeleted { get; set; }

    public int Count(string call) => Calls.Count(c => c == call);

    public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"{entity.Metadata.Name}={entity.Spec?.Size}");
        return OnReconcile?.Invoke(entity, cancellationToken) ?? Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"-{entity.Metadata.Name}={entity.Spec?.Size}");
        return OnDeleted?.Invoke(entity) ?? Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }
}
