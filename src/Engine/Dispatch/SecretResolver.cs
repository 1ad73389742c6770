using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The values of a monitor's secrets.</summary>
/// <param name="Values">All values; empty where one is missing.</param>
/// <param name="Missing">The names that cannot be read, for people; null where none is missing.</param>
internal readonly record struct ResolvedSecrets(IReadOnlyDictionary<SecretRef, string> Values, string? Missing);

/// <summary>Reads secrets, each at most once in 50 s: they are read anew every 60 s, and soon after a target refused one. Thread-safe.</summary>
internal sealed class SecretResolver(ISecretSource source, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan ForgetAtMostEvery = TimeSpan.FromSeconds(10);
    private static readonly ResolvedSecrets None = new(new Dictionary<SecretRef, string>(), null);

    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), Entry> _read = new();

    /// <summary>The values now.</summary>
    public async ValueTask<ResolvedSecrets> ResolveAsync(Monitor monitor, CancellationToken cancellationToken)
    {
        Dictionary<SecretRef, string>? values = null;
        List<string>? missing = null;
        foreach (var secret in monitor.Spec.Check.Secrets)
        {
            if (await ReadAsync(monitor.Key.Namespace, secret, cancellationToken) is { } value)
                (values ??= [])[secret] = value;
            else
                (missing ??= []).Add($"{monitor.Key.Namespace}/{secret.Name} key {secret.Key}");
        }
        if (missing is not null)
            return new(None.Values, string.Join(", ", missing));
        return values is null ? None : new(values, null);
    }

    /// <summary>Lets a monitor's secrets be read anew.</summary>
    /// <returns>False where it has none, or they were read just now.</returns>
    public bool Forget(Monitor monitor)
    {
        var forgotten = false;
        foreach (var secret in monitor.Spec.Check.Secrets)
        {
            var key = (monitor.Key.Namespace, secret);
            if (_read.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.ReadAt) > ForgetAtMostEvery)
                forgotten |= _read.TryRemove(key, out _);
        }
        return forgotten;
    }

    private async ValueTask<string?> ReadAsync(string ns, SecretRef secret, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue((ns, secret), out var entry) && time.GetElapsedTime(entry.ReadAt) < Fresh)
            return entry.Value;
        var value = await source.GetAsync(ns, secret, cancellationToken);
        // What is missing is looked for at every plan: somebody is about to create it.
        if (value is null)
            _read.TryRemove((ns, secret), out _);
        else
            _read[(ns, secret)] = new Entry(value, time.GetTimestamp());
        return value;
    }

    private readonly record struct Entry(string Value, long ReadAt);
}
