using System.Net;
using System.Reflection;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;

namespace HealthTrack.Operator.Controllers;

/// <summary>
/// Makes of each ProbePool of the operator's namespace what runs its workers, and says in its status how they are. Looks again every few seconds: workers come
/// and go without a word of the API server.
/// </summary>
internal sealed class ProbePoolController(
    OwnedObjects owned, PoolTokens tokens, PoolDirectory directory, PoolOptions options, ResourceClient<V1Alpha1ProbePool> client, ILeaseHold lease, Fleet fleet,
    Dispatcher dispatcher, TimeProvider time) : IEntityController<V1Alpha1ProbePool>
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private static readonly string Version =
        typeof(ProbePoolController).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1ProbePool>> ReconcileAsync(V1Alpha1ProbePool entity, CancellationToken cancellationToken)
    {
        if (entity.Metadata.NamespaceProperty != options.Namespace)
        {
            var foreign = new PoolProblem(
                PoolConditions.NotInOperatorNamespace, $"Pools run images, and so count in the operator's namespace, {options.Namespace}, alone: make it there.");
            return await TellAsync(entity, null, foreign, cancellationToken) is { } cannot
                ? ReconciliationResult<V1Alpha1ProbePool>.Failure(entity, cannot)
                : ReconciliationResult<V1Alpha1ProbePool>.Success(entity);
        }
        directory.Seen(entity.Metadata.Name);
        var (pool, errors) = entity.Read();
        var (problem, failure) = pool is null
            ? (new PoolProblem(PoolConditions.InvalidSpec, $"{string.Join("; ", errors.Take(5))}. What was made of the last valid form stays."), null)
            : await ActAsync(entity, pool.Spec, cancellationToken);
        failure = await TellAsync(entity, pool?.Spec, problem, cancellationToken) ?? failure;
        return failure is null
            ? ReconciliationResult<V1Alpha1ProbePool>.Success(entity, LookAgain)
            : ReconciliationResult<V1Alpha1ProbePool>.Failure(entity, failure);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Alpha1ProbePool>> DeletedAsync(V1Alpha1ProbePool entity, CancellationToken cancellationToken)
    {
        // What it owned goes with it: Kubernetes collects it.
        if (entity.Metadata.NamespaceProperty == options.Namespace)
        {
            directory.Remove(entity.Metadata.Name);
            tokens.Forget(entity.Metadata.Name);
            owned.Forget(entity.Metadata.Name);
        }
        return Task.FromResult(ReconciliationResult<V1Alpha1ProbePool>.Success(entity));
    }

    // What somebody has to mend, and why it is to be tried again; null where nothing, and where not.
    private async Task<(PoolProblem? Problem, string? Failure)> ActAsync(V1Alpha1ProbePool entity, ProbePoolSpec spec, CancellationToken cancellationToken)
    {
        var name = entity.Metadata.Name;
        try
        {
            if (spec.External is { } external)
            {
                if (!options.InProcess && !await owned.RemoveAsync(entity, cancellationToken))
                    return (null, "another process may lead now");
                return (await tokens.RefreshAsync(name, external.TokenSecretRef, cancellationToken) is { } unreadable
                    ? new PoolProblem(PoolConditions.SecretNotFound, unreadable)
                    : null, null);
            }
            tokens.Forget(name);
            if (options.InProcess)
                return (null, null);
            if ((spec.Image ?? options.ProbeImage) is not { } image)
                return (new PoolProblem(PoolConditions.NoImage, "Nobody says which image workers run: set spec.image, or start the operator with --probe-image."), null);
            return await owned.ApplyAsync(entity, spec, image, cancellationToken) ? (null, null) : (null, "another process may lead now");
        }
        catch (KubernetesApiException e) when (e.Status is HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.Conflict)
        {
            return (new PoolProblem(PoolConditions.Refused, $"The API server refuses what would run the workers: {e.Message}"), e.Message);
        }
        catch (KubernetesApiException e)
        {
            return (null, e.Message);
        }
    }

    // Why the status could not be written; null where it could, or says so already.
    private async Task<string?> TellAsync(V1Alpha1ProbePool entity, ProbePoolSpec? spec, PoolProblem? problem, CancellationToken cancellationToken)
    {
        var (ns, name) = (entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        var own = ns == options.Namespace;
        var facts = new PoolFacts(
            entity, spec, problem, options.InProcess, own ? owned.Deployment(name) : null,
            own ? [.. dispatcher.Sessions.Where(s => s.Hello.Pool == name).Select(s => new PoolWorker(s.Hello.WorkerId, s.Hello.Version, s.LastHeartbeat?.Load))] : [],
            own ? fleet.All.Count(s => s.Monitor?.Spec.Pools.Contains(name) == true) : 0);
        var status = PoolStatusBuilder.Build(facts, Version, time.GetUtcNow());
        if (own)
            directory.Tell(Declared(name, spec, facts, status));
        if (entity.ReadStatus() is { } written && StatusJson.Write(written) == StatusJson.Write(status))
            return null;
        // Asked last: a process may have been frozen before it came here.
        if (!lease.IsHeld)
            return "another process may lead now";
        try
        {
            await client.ApplyStatusAsync(
                new ResourceKey(ns, name), StatusJson.Apply(ProbePool.KindName, new ResourceKey(ns, name), entity.Metadata.Uid, status), StatusWriter.FieldManager,
                cancellationToken);
            return null;
        }
        catch (KubernetesApiException e)
        {
            return e.Message;
        }
    }

    private static DeclaredPool Declared(string name, ProbePoolSpec? spec, PoolFacts facts, ProbePoolStatus status) => new(
        name,
        facts.Deployment is null ? null : status.Replicas,
        facts.Deployment is null ? null : status.ReadyReplicas,
        spec?.External is not null,
        [.. status.Conditions!.Select(c => new MonitorCondition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime.ToUnixTimeMilliseconds()))]);
}
