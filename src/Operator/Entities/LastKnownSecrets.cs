using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Operator.Entities;

/// <summary>
/// The values that secrets had when they were last read; in memory alone. What nobody has read for a day is forgotten: what names it is gone. Thread-safe.
/// </summary>
internal sealed class LastKnownSecrets(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Namespace, SecretRef Secret), (string Value, long At)> _values = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Values that are remembered.</summary>
    public int Count => _values.Count;

    /// <summary>The value; null where none was read, or the secret was gone.</summary>
    public string? Find(string ns, SecretRef secret)
    {
        if (!_values.TryGetValue((ns, secret), out var known))
            return null;
        // Asked for is as good as read: an API server that is away for a day makes nobody forget.
        _values.TryUpdate((ns, secret), (known.Value, time.GetTimestamp()), known);
        return known.Value;
    }

    /// <summary>What was read; null: the secret, or its key, is gone.</summary>
    public void Remember(string ns, SecretRef secret, string? value)
    {
        if (value is null)
            _values.TryRemove((ns, secret), out _);
        else
            _values[(ns, secret)] = (value, time.GetTimestamp());
        Sweep();
    }

    private void Sweep()
    {
        var swept = Interlocked.Read(ref _swept);
        if (time.GetElapsedTime(swept) < SweepEvery || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
            return;
        foreach (var known in _values.Where(known => time.GetElapsedTime(known.Value.At) > Kept))
            _values.TryRemove(known);
    }
}
