using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The values of a monitor's secrets.</summary>
/// <param name="Values">All values; empty where one is missing.</param>
/// <param name="Missing">The names that cannot be read, for people; null where none is missing.</param>
internal readonly record struct ResolvedSecrets(IReadOnlyDictionary<SecretRef, string> Values, string? Missing);

/// <summary>Reads secrets, each at most once in 50 s: they are read anew every 60 s, and soon after a target refused one. Thread-safe.</summary>
internal sealed class SecretResolver(ISecretSource source, TimeProvider time) : IDisposable
{
    /// <summary>The longest that a plan waits for secrets.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private const int MaxAtOnce = 16;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan ForgetAtMostEvery = TimeSpan.FromSeconds(10);
    private static readonly ResolvedSecrets None = new(new Dictionary<SecretRef, string>(), null);

    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Entry> _read = new();
    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Task<Exception?>> _reading = new();
    private readonly SemaphoreSlim _slots = new(MaxAtOnce);

    /// <summary>
    /// Reads what these monitors need and is not known or no longer fresh, several at once, and waits for it <see cref="LongestWait"/> at most. A server that
    /// does not answer must not hold up who needs nothing of it: what comes later is read on, and <paramref name="late"/> is called then.
    /// </summary>
    /// <returns>Why one of them cannot be read now; null where none is known not to be.</returns>
    public async Task<Exception?> RefreshAsync(IEnumerable<Monitor> monitors, Action late, CancellationToken cancellationToken)
    {
        var reads = monitors.SelectMany(Keys).Distinct().Where(key => !IsFresh(key)).Select(key => BeginAsync(key, cancellationToken)).ToList();
        if (reads.Count == 0)
            return null;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Task.WhenAll(reads);
        await Task.WhenAny(all, Task.Delay(LongestWait, time, enough.Token));
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (!all.IsCompleted)
            _ = all.ContinueWith(_ => late(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        return reads.Where(read => read.IsCompletedSuccessfully).Select(read => read.Result).FirstOrDefault(failure => failure is not null);
    }

    /// <summary>The values as they were read last; null where one is not known, and nobody can say whether it is there.</summary>
    public ResolvedSecrets? Known(Monitor monitor)
    {
        Dictionary<SecretRef, string?>? values = null;
        foreach (var key in Keys(monitor))
        {
            if (!_read.TryGetValue(key, out var entry) || time.GetElapsedTime(entry.ReadAt) > Fresh + Fresh)
                return null;
            (values ??= [])[key.Secret] = entry.Value;
        }
        return Resolved(monitor, values);
    }

    /// <summary>The values now.</summary>
    public async ValueTask<ResolvedSecrets> ResolveAsync(Monitor monitor, CancellationToken cancellationToken)
    {
        Dictionary<SecretRef, string?>? values = null;
        foreach (var key in Keys(monitor))
        {
            if (!IsFresh(key))
                await ReadAsync(key, cancellationToken);
            (values ??= [])[key.Secret] = _read.GetValueOrDefault(key).Value;
        }
        return Resolved(monitor, values);
    }

    /// <summary>Lets a monitor's secrets be read anew.</summary>
    /// <returns>False where it has none, or they were read just now.</returns>
    public bool Forget(Monitor monitor)
    {
        var forgotten = false;
        foreach (var key in Keys(monitor))
        {
            if (_read.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.ReadAt) > ForgetAtMostEvery)
                forgotten |= _read.TryRemove(key, out _);
        }
        return forgotten;
    }

    public void Dispose() => _slots.Dispose();

    private static IEnumerable<(string Namespace, SecretRef Secret)> Keys(Monitor monitor) => monitor.Spec.Check.Secrets.Select(secret => (monitor.Key.Namespace, secret));

    private static ResolvedSecrets Resolved(Monitor monitor, Dictionary<SecretRef, string?>? values)
    {
        if (values is null)
            return None;
        var missing = values.Where(v => v.Value is null).Select(v => $"{monitor.Key.Namespace}/{v.Key.Name} key {v.Key.Key}").ToList();
        return missing.Count > 0 ? new(None.Values, string.Join(", ", missing)) : new(values.ToDictionary(v => v.Key, v => v.Value!), null);
    }

    // What is missing is looked for at every plan: somebody is about to create it.
    private bool IsFresh((string, SecretRef) key) => _read.TryGetValue(key, out var entry) && entry.Value is not null && time.GetElapsedTime(entry.ReadAt) < Fresh;

    // One that is being read is not asked for again.
    private Task<Exception?> BeginAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken)
    {
        if (_reading.TryGetValue(key, out var reading))
            return reading;
        var begun = InTurnAsync(key, cancellationToken);
        if (!begun.IsCompleted)
        {
            _reading[key] = begun;
            _ = begun.ContinueWith(_ => _reading.TryRemove(key, out Task<Exception?>? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return begun;
    }

    private async Task<Exception?> InTurnAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(key, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return e; // What is known of it stays so for a while.
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task ReadAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken) =>
        _read[key] = new Entry(await source.GetAsync(key.Namespace, key.Secret, cancellationToken), time.GetTimestamp());

    private readonly record struct Entry(string? Value, long ReadAt);
}
