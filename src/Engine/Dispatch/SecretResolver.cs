using System.Collections.Concurrent;
using System.Text;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The values of a monitor's secrets.</summary>
/// <param name="Values">All values; empty where there is a problem.</param>
/// <param name="Problem">Why they are of no use; null where they are.</param>
internal readonly record struct ResolvedSecrets(IReadOnlyDictionary<SecretRef, string> Values, SecretProblem? Problem);

/// <summary>Reads secrets, each at most once in 50 s: they are read anew every 60 s, and soon after a target refused one. Thread-safe.</summary>
internal sealed class SecretResolver(ISecretSource source, TimeProvider time) : IDisposable
{
    /// <summary>The longest that a plan waits for secrets of which no value is known.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>One that could not be read is left alone for this long.</summary>
    public static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    private const int MaxAtOnce = 16;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Good = Fresh + Fresh;
    private static readonly TimeSpan ForgetAtMostEvery = TimeSpan.FromSeconds(10);
    private static readonly ResolvedSecrets None = new(new Dictionary<SecretRef, string>(), null);

    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Entry> _read = new();
    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Failure> _failed = new();
    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Task<Reading>> _reading = new();
    private readonly SemaphoreSlim _slots = new(MaxAtOnce);

    /// <summary>Whether some could not be read, and are due for another try: plan again.</summary>
    public bool AgainIsDue => _failed.Any(failed => time.GetElapsedTime(failed.Value.At) > AgainAfter && !_reading.ContainsKey(failed.Key));

    /// <summary>Values that are remembered.</summary>
    public int Count => _read.Count;

    /// <summary>
    /// Reads what these monitors need and is not known or no longer fresh, several at once, and forgets what none of them needs. Waits for what is not known,
    /// <see cref="LongestWait"/> at most: a server that does not answer must not hold up who needs nothing of it. What comes later is read on, and where it is
    /// news, <paramref name="late"/> is called then.
    /// </summary>
    /// <returns>Why one of them cannot be read now; null where none is known not to be.</returns>
    public async Task<Exception?> RefreshAsync(IEnumerable<Monitor> monitors, Action late, CancellationToken cancellationToken)
    {
        var keys = monitors.SelectMany(Keys).ToHashSet();
        ForgetAllBut(keys);
        var begun = keys.Where(key => !IsFresh(key)).OrderBy(IsGood).Select(key => (Lacking: !IsGood(key), Read: BeginAsync(key, cancellationToken))).ToList();
        if (begun.Count == 0)
            return null;
        await WaitAsync(Task.WhenAll(begun.Where(b => b.Lacking).Select(b => b.Read)), cancellationToken);
        var open = begun.Select(b => b.Read).Where(read => !read.IsCompleted).ToList();
        if (open.Count > 0)
        {
            _ = Task.WhenAll(open).ContinueWith(
                all =>
                {
                    if (all.Result.Any(reading => reading.IsNews))
                        late();
                },
                CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
        return begun.Select(b => b.Read).Where(read => read.IsCompletedSuccessfully).Select(read => read.Result.Problem).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The values as they were read last; null where one is not known, and nobody can say whether it is there.</summary>
    public ResolvedSecrets? Known(Monitor monitor)
    {
        Dictionary<SecretRef, Entry>? values = null;
        foreach (var key in Keys(monitor))
        {
            if (!IsGood(key) || !_read.TryGetValue(key, out var entry))
                return null;
            (values ??= [])[key.Secret] = entry;
        }
        return Resolved(monitor, values);
    }

    /// <summary>The values now.</summary>
    /// <exception cref="SecretUnavailableException">Nobody can tell now.</exception>
    public async ValueTask<ResolvedSecrets> ResolveAsync(Monitor monitor, CancellationToken cancellationToken)
    {
        Dictionary<SecretRef, Entry>? values = null;
        foreach (var key in Keys(monitor))
        {
            var known = _read.TryGetValue(key, out var entry);
            (values ??= [])[key.Secret] = known && IsFresh(entry) ? entry : await ReadAsync(key, cancellationToken);
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
            if (_read.TryGetValue(key, out var entry) && !entry.IsRefused && time.GetElapsedTime(entry.ReadAt) > ForgetAtMostEvery)
                forgotten |= _read.TryUpdate(key, entry with { IsRefused = true }, entry);
        }
        return forgotten;
    }

    public void Dispose() => _slots.Dispose();

    private static IEnumerable<(string Namespace, SecretRef Secret)> Keys(Monitor monitor) => monitor.Spec.Check.Secrets.Select(secret => (monitor.Key.Namespace, secret));

    private static ResolvedSecrets Resolved(Monitor monitor, Dictionary<SecretRef, Entry>? values)
    {
        if (values is null)
            return None;
        return ProblemOf(monitor, values) is { } problem ? new(None.Values, problem) : new(values.ToDictionary(v => v.Key, v => v.Value.Value!), null);
    }

    private static SecretProblem? ProblemOf(Monitor monitor, Dictionary<SecretRef, Entry> values)
    {
        string Name(SecretRef secret) => $"key {secret.Key} of secret {monitor.Key.Namespace}/{secret.Name}";
        var missing = values.Where(v => v.Value.Value is null).Select(v => Name(v.Key)).ToList();
        if (missing.Count > 0)
            return SecretProblem.NotFound(missing);
        var certificates = monitor.Spec.Check.Certificates.ToHashSet();
        foreach (var (secret, entry) in values)
        {
            if (entry.Bytes > LinkLimits.SecretBytes && !certificates.Contains(secret))
                return SecretProblem.TooLarge(Name(secret), entry.Bytes, LinkLimits.SecretBytes);
        }
        var bytes = values.Values.Sum(entry => entry.Bytes);
        return bytes > LinkLimits.SecretsBytes
            ? SecretProblem.TooLargeTogether(Name(values.MaxBy(v => v.Value.Bytes).Key), bytes, LinkLimits.SecretsBytes)
            : null;
    }

    // What is missing is looked for at every plan: somebody is about to create it.
    private bool IsFresh((string, SecretRef) key) => _read.TryGetValue(key, out var entry) && IsFresh(entry);

    private bool IsFresh(Entry entry) => entry is { Value: not null, IsRefused: false } && time.GetElapsedTime(entry.ReadAt) < Fresh;

    private bool IsGood((string, SecretRef) key) => _read.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.ReadAt) <= Good;

    private void ForgetAllBut(HashSet<(string, SecretRef)> keys)
    {
        foreach (var key in _read.Keys.Where(key => !keys.Contains(key)))
            _read.TryRemove(key, out _);
        foreach (var key in _failed.Keys.Where(key => !keys.Contains(key)))
            _failed.TryRemove(key, out _);
    }

    private async Task WaitAsync(Task lacking, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(lacking, Task.Delay(LongestWait, time, enough.Token));
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    // One that is being read is not asked for again, nor one that failed just now.
    private Task<Reading> BeginAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken)
    {
        if (_reading.TryGetValue(key, out var reading))
            return reading;
        if (_failed.TryGetValue(key, out var failure) && time.GetElapsedTime(failure.At) <= AgainAfter)
            return Task.FromResult(new Reading(failure.Problem, false));
        var begun = InTurnAsync(key, cancellationToken);
        if (!begun.IsCompleted)
        {
            _reading[key] = begun;
            _ = begun.ContinueWith(_ => _reading.TryRemove(key, out Task<Reading>? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return begun;
    }

    private async Task<Reading> InTurnAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var before = _read.TryGetValue(key, out var known) ? known.Value : "";
            var wasGood = IsGood(key);
            var now = await ReadAsync(key, cancellationToken);
            return new(null, !wasGood || now.Value != before);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // What is known of it stays so for a while.
            _failed[key] = new Failure(e, time.GetTimestamp());
            return new(e, false);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<Entry> ReadAsync((string Namespace, SecretRef Secret) key, CancellationToken cancellationToken)
    {
        var value = await source.GetAsync(key.Namespace, key.Secret, cancellationToken);
        _failed.TryRemove(key, out _);
        return _read[key] = new Entry(value, value is null ? 0 : Encoding.UTF8.GetByteCount(value), time.GetTimestamp());
    }

    /// <param name="Value">Null where it does not exist.</param>
    /// <param name="Bytes">How large it is.</param>
    /// <param name="ReadAt">A timestamp.</param>
    /// <param name="IsRefused">Whether a target refused it since.</param>
    private readonly record struct Entry(string? Value, long Bytes, long ReadAt, bool IsRefused = false);

    private readonly record struct Failure(Exception Problem, long At);

    private readonly record struct Reading(Exception? Problem, bool IsNews);
}
