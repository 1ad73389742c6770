using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Operator.Entities;

/// <summary>The values that secrets had when they were last read; in memory alone. Thread-safe.</summary>
internal sealed class LastKnownSecrets
{
    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), string> _values = new();

    /// <summary>The value; null where none was read, or the secret was gone.</summary>
    public string? Find(string ns, SecretRef secret) => _values.GetValueOrDefault((ns, secret));

    /// <summary>What was read; null: the secret, or its key, is gone.</summary>
    public void Remember(string ns, SecretRef secret, string? value)
    {
        if (value is null)
            _values.TryRemove((ns, secret), out _);
        else
            _values[(ns, secret)] = value;
    }
}
