using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>Puts finalizers on objects, and takes them off once their work is done.</summary>
internal sealed class EntityFinalization<TEntity>(ResourceClient<TEntity> client, IReadOnlyList<IEntityFinalizer<TEntity>> finalizers)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Puts on what is missing, before anything is made that must be cleaned up.</summary>
    /// <exception cref="KubernetesApiException">The object changed meanwhile (409: it comes again), or cannot be written.</exception>
    public async Task<TEntity> AttachAsync(TEntity entity, CancellationToken cancellationToken)
    {
        var present = entity.Metadata.Finalizers ?? [];
        var missing = finalizers.Select(f => f.Identifier).Except(present).ToList();
        if (missing.Count == 0)
            return entity;
        return await client.MergeAsync(ResourceKey.Of(entity), Patch(entity, [.. present, .. missing]), cancellationToken) ?? entity;
    }

    /// <summary>Runs ours of an object that is being deleted, one after the other; each is taken off when it succeeded.</summary>
    /// <returns>Null where the object bears none of ours: others have still to finish.</returns>
    public async Task<ReconciliationResult<TEntity>?> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        ReconciliationResult<TEntity>? result = null;
        foreach (var finalizer in finalizers)
        {
            if (entity.Metadata.Finalizers?.Contains(finalizer.Identifier) != true)
                continue;
            result = await finalizer.FinalizeAsync(entity, cancellationToken);
            if (!result.IsSuccess)
                return result;
            var rest = entity.Metadata.Finalizers.Where(f => f != finalizer.Identifier);
            var after = await client.MergeAsync(ResourceKey.Of(entity), Patch(entity, rest), cancellationToken);
            if (after is null)
                return result;
            entity = after;
        }
        return result;
    }

    // With the version that was read: a list of finalizers is replaced whole, and must not undo what others did to it.
    private static JsonObject Patch(TEntity entity, IEnumerable<string> finalizers) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["resourceVersion"] = entity.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]),
        },
    };
}
