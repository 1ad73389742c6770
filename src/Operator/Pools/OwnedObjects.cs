using System.Net;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using k8s.Models;

namespace HealthTrack.Operator.Pools;

/// <summary>All that pools own. Thread-safe.</summary>
internal sealed class OwnedObjects
{
    private readonly KubernetesApi _api;
    private readonly PoolOptions _options;
    private readonly TimeProvider _time;
    private readonly OwnedKind<V1ServiceAccount> _accounts;
    private readonly OwnedKind<V1Deployment> _deployments;
    private readonly OwnedKind<V1PodDisruptionBudget> _budgets;
    private readonly OwnedKind<V1NetworkPolicy> _policies;
    private readonly IOwnedKind[] _all;
    private (bool Served, long AskedAt)? _budgetsServed;

    /// <param name="api">The API server.</param>
    /// <param name="options">How pools are run.</param>
    /// <param name="lease">Whether may be written.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Says what goes wrong.</param>
    public OwnedObjects(
        KubernetesApi api, PoolOptions options, ILeaseHold lease, ControllerMetrics metrics, TimeProvider time, ILogger<OwnedObjects> log)
    {
        (_api, _options, _time) = (api, options, time);
        _accounts = new(api, options.Namespace, lease, metrics, time, log);
        _deployments = new(api, options.Namespace, lease, metrics, time, log);
        _budgets = new(api, options.Namespace, lease, metrics, time, log);
        _policies = new(api, options.Namespace, lease, metrics, time, log);
        _all = [_accounts, _deployments, _budgets, _policies];
    }

    /// <summary>How long a server is believed that it does not serve policy/v1.</summary>
    public static TimeSpan AskAgain { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The Deployment of a pool as last seen; null where none is.</summary>
    public V1Deployment? Deployment(string pool) => _deployments.Find(pool);

    /// <summary>Tells of each pool of whose objects one changed, until cancelled.</summary>
    public async Task WatchAsync(Action<string> touched, CancellationToken cancellationToken)
    {
        foreach (var kind in _all)
            kind.Touched += touched;
        await Task.WhenAll(
            _accounts.WatchAsync(cancellationToken), _deployments.WatchAsync(cancellationToken), _policies.WatchAsync(cancellationToken),
            WatchBudgetsAsync(cancellationToken));
    }

    /// <summary>Makes the objects of a pool what they should be.</summary>
    /// <returns>False: they may not be written now, because another process may lead.</returns>
    /// <exception cref="KubernetesApiException">Refused, or no answer.</exception>
    public async Task<bool> ApplyAsync(V1Alpha1ProbePool pool, ProbePoolSpec spec, string image, CancellationToken cancellationToken)
    {
        // The account first: pods of an account that is not there are not made. The policy before the pods that it is about.
        if (!await _accounts.ApplyAsync(pool, PoolObjects.ServiceAccount(pool), cancellationToken)
            || !await _policies.ApplyAsync(pool, PoolObjects.NetworkPolicy(pool, spec, _options), cancellationToken)
            || !await _deployments.ApplyAsync(pool, PoolDeployment.Build(pool, spec, image, _options), cancellationToken))
            return false;
        return !await AreBudgetsServedAsync(cancellationToken)
            || await _budgets.ApplyAsync(pool, PoolObjects.DisruptionBudget(pool), cancellationToken);
    }

    /// <summary>Deletes what a pool owns and no longer needs.</summary>
    /// <inheritdoc cref="ApplyAsync"/>
    public async Task<bool> RemoveAsync(V1Alpha1ProbePool pool, CancellationToken cancellationToken)
    {
        foreach (var kind in _all)
        {
            if (!await kind.RemoveAsync(pool, cancellationToken))
                return false;
        }
        return true;
    }

    /// <summary>The pool of this name is gone.</summary>
    public void Forget(string pool)
    {
        foreach (var kind in _all)
            kind.Forget(pool);
    }

    // PodDisruptionBudget became policy/v1 in 1.21; before, there is none that will last.
    private async Task<bool> AreBudgetsServedAsync(CancellationToken cancellationToken)
    {
        if (_budgetsServed is { } known && (known.Served || _time.GetElapsedTime(known.AskedAt) < AskAgain))
            return known.Served;
        bool served;
        try
        {
            await _api.ReadAsync(HttpMethod.Get, "/apis/policy/v1", null, KubernetesApi.Json, cancellationToken);
            served = true;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            served = false;
        }
        _budgetsServed = (served, _time.GetTimestamp());
        return served;
    }

    private async Task WatchBudgetsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = AskAgain;
            try
            {
                if (await AreBudgetsServedAsync(cancellationToken))
                {
                    await _budgets.WatchAsync(cancellationToken);
                    return;
                }
            }
            catch (KubernetesApiException)
            {
                wait = TimeSpan.FromSeconds(10); // It is away: whoever applies says so.
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
