using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Pools;

/// <summary>
/// The leader's part around the controller of pools: watches what pools own, and makes the pool <c>default</c> where there is none at all, so that a monitor
/// that names no pool is checked.
/// </summary>
internal sealed class PoolStage(
    OwnedObjects owned, EntityControllerService<V1Alpha1ProbePool> controller, ResourceClient<V1Alpha1ProbePool> client, PoolDirectory directory, PoolTokens tokens, PoolOptions options,
    ILeaseHold lease, TimeProvider time, ILogger<PoolStage> log) : BackgroundService
{
    private static readonly Backoff Tries = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(
            // Where nothing is run, nothing is looked at: the right to do so may be missing.
            options.InProcess
                ? Task.CompletedTask
                : owned.WatchAsync(pool => controller.Again(new ResourceKey(options.Namespace, pool)), stoppingToken),
            BeginAsync(stoppingToken));
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await controller.FirstReconciled.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (controller.FirstReconciled.IsCompletedSuccessfully)
            tokens.Complete();
        for (var failures = 1; !cancellationToken.IsCancellationRequested && !await HasSomePoolAsync(cancellationToken); failures++)
        {
            directory.Complete(); // The others are known all the same.
            await Task.Delay(Tries.Delay(failures), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        directory.Complete();
    }

    // False: there is none, and none could be made.
    private async Task<bool> HasSomePoolAsync(CancellationToken cancellationToken)
    {
        if (options.InProcess || controller.Known.Any(key => key.Namespace == options.Namespace))
            return true;
        if (!lease.IsHeld)
            return false;
        var manifest = new JsonObject
        {
            ["apiVersion"] = ServiceMonitor.GroupVersion,
            ["kind"] = ProbePool.KindName,
            ["metadata"] = new JsonObject { ["name"] = ProbePool.DefaultName, ["namespace"] = options.Namespace },
            ["spec"] = new JsonObject(),
        };
        try
        {
            await client.CreateAsync(options.Namespace, manifest.ToJsonString(), cancellationToken);
            Log.DefaultPoolMade(log, options.Namespace);
            directory.Seen(ProbePool.DefaultName);
            return true;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.Conflict)
        {
            return true;
        }
        catch (KubernetesApiException e)
        {
            Log.DefaultPoolNotMade(log, options.Namespace, e.Message);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
