using HealthTrack.Engine.Leadership;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Runs one controller: reflectors fill the store and the queue, and once they have seen all that exists, workers take names from the queue and
/// reconcile them; where a leader is elected, only on the leader: a standby knows everything and does nothing. After a stop there are no more events and no more names, and the reconciles under way end, in time or cancelled.
/// </summary>
internal sealed class EntityControllerService<TEntity> : BackgroundService
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly IEntityController<TEntity> _controller;
    private readonly EntityFinalization<TEntity> _finalization;
    private readonly ControllerOptions _options;
    private readonly ControllerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _name;
    private readonly WorkQueue<ResourceKey> _queue;
    private readonly ResourceStore<TEntity> _store;
    private readonly List<Reflector<TEntity>> _reflectors;
    private readonly Tombstones<TEntity> _gone = new();
    private readonly List<Task> _stuck = [];
    private readonly FirstRound _firstRound = new();
    private readonly ILeadership? _leadership;
    private volatile bool _reconciles;

    /// <param name="definition">What is watched.</param>
    /// <param name="controller">What is done about it.</param>
    /// <param name="finalizers">What is done before it goes; none as a rule.</param>
    /// <param name="api">The API server.</param>
    /// <param name="options">How.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock of all delays.</param>
    /// <param name="log">Says what goes wrong.</param>
    /// <param name="leadership">Without it, whoever watches reconciles.</param>
    public EntityControllerService(
        ResourceDefinition definition, IEntityController<TEntity> controller, IEnumerable<IEntityFinalizer<TEntity>> finalizers, KubernetesApi api,
        ControllerOptions options, ControllerMetrics metrics, TimeProvider time, ILogger log, ILeadership? leadership = null)
    {
        _controller = controller;
        _options = options;
        _metrics = metrics;
        _time = time;
        _log = log;
        _leadership = leadership;
        _name = definition.Kind.ToLowerInvariant();
        _finalization = new EntityFinalization<TEntity>(new ResourceClient<TEntity>(api, definition), [.. finalizers]);
        _queue = new WorkQueue<ResourceKey>(options.Backoff, metrics.Queue(_name), time);
        _store = new ResourceStore<TEntity>(Changed);
        string?[] scopes = options.Namespaces.Count == 0 ? [null] : [.. options.Namespaces.Distinct()];
        _reflectors = [.. scopes.Select(ns => new Reflector<TEntity>(api, definition, ns, _store, options.Watching, metrics.Reflectors, time, log))];
    }

    /// <summary>Completes when all that existed at the start has been reconciled once, whether that succeeded or not.</summary>
    public Task FirstReconciled => _firstRound.Done;

    /// <summary>Why what is known may be behind, for /readyz; null while it is not.</summary>
    public string? Problem => _reflectors.Select(r => r.Problem).FirstOrDefault(p => p is not null);

    /// <summary>The names of what exists, as last seen.</summary>
    public ICollection<ResourceKey> Known => _store.Keys;

    /// <summary>An object as last seen; null where none is.</summary>
    public TEntity? Find(ResourceKey key) => _store.TryGet(key, out var entity) ? entity : null;

    /// <summary>Something that an object's reconcile depends on changed: it is reconciled again. Never waits.</summary>
    public void Again(ResourceKey key) => _queue.Add(key);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _metrics.Begins(_name, _options.Workers);
        using var reconciles = new CancellationTokenSource();
        using var stopped = stoppingToken.Register(_queue.Stop);
        using var deposed = _leadership?.Lost.Register(() =>
        {
            _queue.Stop();
            reconciles.Cancel();
        });
        var watching = Task.WhenAll(_reflectors.Select(r => r.RunAsync(stoppingToken)));
        var working = WorkAsync(reconciles.Token, stoppingToken);
        await watching;
        // A source of its own: the delay ends as soon as the workers have.
        using var ended = new CancellationTokenSource();
        var grace = Task.Delay(_options.StopGrace, _time, ended.Token);
        await Task.WhenAny(working, grace);
        await reconciles.CancelAsync();
        await working;
        await ended.CancelAsync();
        lock (_stuck)
            Log.Stopped(_log, _name, _stuck.Count(t => !t.IsCompleted));
    }

    private void Changed(StoreChange<TEntity> change)
    {
        if (change is { Before: { } before, Now: { } now } && !ControllerOptions.IsOfInterest(before, now))
            return;
        // What went before anything was reconciled is no matter of a controller that never knew it.
        if (change is { Before: { } last, Now: null } && _reconciles)
            _gone.Add(change.Key, last);
        _queue.Add(change.Key);
    }

    private async Task WorkAsync(CancellationToken reconciles, CancellationToken stopping)
    {
        // An object that is reconciled before all are known may be taken for the only one there is.
        var synced = Task.WhenAll(_reflectors.Select(r => r.FirstSync));
        await Task.WhenAll(synced, _leadership?.Elected ?? Task.CompletedTask).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested)
            return;
        _reconciles = true;
        var count = _firstRound.Begin(_store.Keys);
        var workers = Enumerable.Range(0, _options.Workers).Select(_ => Task.Run(() => WorkerAsync(reconciles), CancellationToken.None)).ToList();
        if (await Task.WhenAny(FirstReconciled, Task.WhenAll(workers)) == FirstReconciled)
            Log.FirstReconciled(_log, _name, count);
        await Task.WhenAll(workers);
    }

    private async Task WorkerAsync(CancellationToken reconciles)
    {
        while (true)
        {
            var (taken, key) = await _queue.TakeAsync(CancellationToken.None);
            if (!taken)
                return;
            var work = ProcessAsync(key, reconciles);
            try
            {
                // A reconcile that ignores its cancellation keeps its object, not its worker.
                await work.WaitAsync(_options.ReconcileLimit + _options.CancelGrace, _time, CancellationToken.None);
                continue;
            }
            catch (TimeoutException)
            {
                Log.ReconcileStuck(_log, _name, key);
            }
            lock (_stuck)
            {
                _stuck.RemoveAll(t => t.IsCompleted);
                _stuck.Add(work);
            }
        }
    }

    // Never throws: what goes wrong with one object is logged, counted and tried again, and the worker goes on.
    private async Task ProcessAsync(ResourceKey key, CancellationToken reconciles)
    {
        _metrics.Begun(_name);
        var began = _time.GetTimestamp();
        var result = "success";
        var looked = true;
        try
        {
            using var limit = new CancellationTokenSource(_options.ReconcileLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(reconciles, limit.Token);
            var outcome = await Task.Run(() => ReconcileAsync(key, either.Token), CancellationToken.None);
            if (outcome is { IsSuccess: false })
            {
                result = "error";
                Failed(key, outcome.ErrorMessage ?? "no reason was given", outcome.Error, outcome.RequeueAfter);
            }
            else
            {
                _queue.Forget(key);
                if (outcome?.RequeueAfter is { } after)
                {
                    result = "requeue_after";
                    _queue.AddAfter(key, after);
                }
            }
        }
        catch (OperationCanceledException) when (reconciles.IsCancellationRequested)
        {
            result = "error"; // The program stops: the next start reconciles everything.
        }
        catch (OperationCanceledException e)
        {
            result = "error";
            looked = false; // It was cut off before its controller had it: whoever waits for the first round still waits for it.
            Failed(key, $"it was cancelled, or did not end within {_options.ReconcileLimit.TotalSeconds:0} s", e, null);
        }
        catch (Exception e)
        {
            result = "error";
            Failed(key, e.Message, e, null);
        }
        _metrics.Ended(_name, result, _time.GetElapsedTime(began));
        _queue.Done(key);
        if (looked)
            _firstRound.Finished(key);
    }

    private void Failed(ResourceKey key, string problem, Exception? cause, TimeSpan? requeueAfter)
    {
        var delay = requeueAfter ?? TimeSpan.Zero;
        if (requeueAfter is { } wish)
            _queue.AddAfter(key, wish);
        else
            delay = _queue.AddRateLimited(key);
        Log.ReconcileFailed(_log, _name, key, delay, problem, cause);
    }

    // The state decides the action: those that went first, then the one that is there. Null: there is nothing to do any more.
    private async Task<ReconciliationResult<TEntity>?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        ReconciliationResult<TEntity>? result = null;
        while (_gone.First(key) is { } last)
        {
            result = await _controller.DeletedAsync(last, cancellationToken);
            if (!result.IsSuccess)
                return result;
            _gone.RemoveFirst(key);
        }
        if (!_store.TryGet(key, out var entity))
            return result;
        if (entity.Metadata.DeletionTimestamp is not null)
            return await _finalization.FinalizeAsync(entity, cancellationToken);
        entity = await _finalization.AttachAsync(entity, cancellationToken);
        return await _controller.ReconcileAsync(entity, cancellationToken);
    }
}
