using System.Globalization;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Keeps a store like what the API server holds of one kind in one namespace, or in all: lists, then watches on from there, and begins the list anew
/// only where the server no longer knows the place. Whatever goes wrong is said in <see cref="Problem"/> and tried again for ever; the store keeps
/// what it has meanwhile.
/// </summary>
internal sealed class Reflector<T>(
    KubernetesApi api, ResourceDefinition definition, string? ns, ResourceStore<T> store, ReflectorOptions options, ReflectorMetrics metrics,
    TimeProvider time, ILogger log)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _problem;
    private string? _version;
    private int _failures;

    /// <summary>Completes when the first list is in the store.</summary>
    public Task FirstSync => _synced.Task;

    /// <summary>Why the store may be behind, for /readyz; null while it is not.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = await StepAsync(cancellationToken);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One list where one is due, and one watch.</summary>
    /// <returns>How long to wait before the next.</returns>
    internal async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_version is null)
                await ListAsync(cancellationToken);
            var before = _version;
            var began = time.GetTimestamp();
            await WatchAsync(cancellationToken);
            if (_version != before || time.GetElapsedTime(began) >= options.ShortWatch)
            {
                _failures = 0;
                metrics.Ended(definition, "end");
                return TimeSpan.Zero;
            }
            metrics.Ended(definition, "short");
            return options.Backoff.Delay(++_failures);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (KubernetesApiException e) when (e.IsExpired)
        {
            metrics.Ended(definition, "expired");
            Log.WatchExpired(log, definition, e.Message);
            _version = null;
            // At once, unless that is how it goes on.
            return _failures++ == 0 ? TimeSpan.Zero : options.Backoff.Delay(_failures);
        }
        catch (KubernetesApiException e)
        {
            return Failed(e, e.Status is null ? "unreachable" : ((int)e.Status).ToString(CultureInfo.InvariantCulture));
        }
        // A dead connection, an event that is none: whatever it is, the loop must outlive it.
        catch (Exception e)
        {
            return Failed(e, "broken");
        }
    }

    private TimeSpan Failed(Exception failure, string reason)
    {
        metrics.Ended(definition, reason);
        var refusal = failure as KubernetesApiException;
        // The kind is gone, or not there yet: no place in its history is worth anything.
        if (refusal?.Status == HttpStatusCode.NotFound)
            _version = null;
        var problem = Explain(refusal?.Status, failure.Message);
        if (Interlocked.Exchange(ref _problem, problem) != problem)
            Log.CannotWatch(log, problem);
        var backoff = options.Backoff.Delay(++_failures);
        return refusal?.RetryAfter is { } wish && wish > backoff ? wish : backoff;
    }

    private string Explain(HttpStatusCode? status, string message)
    {
        var what = $"{definition} in {(ns is null ? "all namespaces" : $"namespace {ns}")} cannot be watched";
        return status switch
        {
            HttpStatusCode.NotFound => $"{what}: the API server does not know them. Apply config/crd. ({message})",
            HttpStatusCode.Unauthorized => $"{what}: the API server does not accept our credentials. ({message})",
            HttpStatusCode.Forbidden => $"{what}: our ServiceAccount may not list and watch them. Apply config/rbac. ({message})",
            _ => $"{what}: {message}",
        };
    }

    private void Well()
    {
        if (Interlocked.Exchange(ref _problem, null) is not null)
            Log.WatchesAgain(log, definition);
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        metrics.Listed(definition);
        var list = await ResourceList<T>.ReadAsync(api, definition, ns, options.PageSize, metrics, log, cancellationToken, options.Labels);
        store.Replace(ns, list.Entities, list.Unreadable);
        _version = list.Version;
        Well();
        _synced.TrySetResult();
        Log.Listed(log, definition, list.Entities.Count);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
#pragma warning disable CA5394 // When a watch ends is no secret.
        var lasting = options.WatchFor * (1 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        var seconds = Math.Max(1, (int)lasting.TotalSeconds);
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{definition.CollectionPath(ns)}?watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={Uri.EscapeDataString(_version!)}{Selector()}");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds) + options.Grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await api.SendAsync(HttpMethod.Get, path, null, KubernetesApi.Json, KubernetesApi.RequestLimit, either.Token);
            Well();
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            await foreach (var line in WatchLines.ReadAsync(body, either.Token))
                Handle(line);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing is lost: the next watch goes on from the last event.
            Log.HalfOpen(log, definition, seconds + options.Grace.TotalSeconds);
            metrics.Ended(definition, "half-open");
        }
    }

    private string Selector() => options.Labels is null ? "" : $"&labelSelector={Uri.EscapeDataString(options.Labels)}";

    private void Handle(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.GetProperty("type").GetString();
        var json = document.RootElement.GetProperty("object");
        if (type == "ERROR")
            throw KubernetesApiException.FromStatus(json, HttpStatusCode.InternalServerError);
        if (type is "ADDED" or "MODIFIED")
            Upsert(json);
        else if (type == "DELETED" && EntityReader.KeyOf(json) is { } gone)
            store.Delete(gone);
        else if (type != "BOOKMARK")
            Log.UnknownEvent(log, definition, type ?? "null");
        _version = EntityReader.VersionOf(json) ?? _version;
        _failures = 0;
    }

    private void Upsert(JsonElement json)
    {
        try
        {
            store.Upsert(EntityReader.Read<T>(json, definition));
        }
        catch (JsonException e)
        {
            metrics.Unreadable(definition);
            Log.Unreadable(log, definition, EntityReader.KeyOf(json)?.ToString() ?? "without a name", e.Message);
        }
    }
}
