namespace HealthTrack.Core.Sre;

/// <summary>A stretch of time in which a location was blind: see <see cref="BlindLocations"/>.</summary>
/// <param name="Pool">The location.</param>
/// <param name="From">When that was seen first, ms since the Unix epoch.</param>
/// <param name="Until">When it was seen to be over, ms since the Unix epoch; null while it is not.</param>
public readonly record struct BlindTime(string Pool, long From, long? Until);

/// <summary>
/// When each location was blind, so that a vote is judged by the blindness of its own time: also one that comes late, and after a restart. Thread-safe.
/// </summary>
public sealed class BlindTimes
{
    private readonly Lock _gate = new();
    private Dictionary<string, BlindTime[]> _times = new(StringComparer.Ordinal);

    /// <summary>All that are known.</summary>
    public IReadOnlyList<BlindTime> All => [.. Volatile.Read(ref _times).Values.SelectMany(times => times)];

    /// <summary>The locations that are blind now.</summary>
    public IReadOnlySet<string> Now => Volatile.Read(ref _times).Values.Where(times => times.Any(t => t.Until is null)).Select(times => times[0].Pool).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a location is blind now.</summary>
    public bool IsBlind(string pool) => Volatile.Read(ref _times).TryGetValue(pool, out var times) && times.Any(t => t.Until is null);

    /// <summary>Whether a location was blind at any moment of a stretch of time.</summary>
    /// <param name="pool">The location.</param>
    /// <param name="from">Its start, ms since the Unix epoch.</param>
    /// <param name="until">Its end, which is no more in it.</param>
    public bool WasBlind(string pool, long from, long until)
    {
        if (!Volatile.Read(ref _times).TryGetValue(pool, out var times))
            return false;
        foreach (var time in times)
        {
            if (time.From < until && (time.Until is not { } end || end > from))
                return true;
        }
        return false;
    }

    /// <summary>A location is blind from now on.</summary>
    public BlindTime Begin(string pool, long now)
    {
        var time = new BlindTime(pool, now, null);
        Put(time);
        return time;
    }

    /// <summary>A location sees again.</summary>
    /// <returns>The stretch of time that is over; null where it was not blind.</returns>
    public BlindTime? End(string pool, long now)
    {
        if (!Volatile.Read(ref _times).TryGetValue(pool, out var times) || !times.Any(t => t.Until is null))
            return null;
        var over = times.First(t => t.Until is null) with { Until = now };
        Put(over);
        return over;
    }

    /// <summary>Takes in what is remembered from before.</summary>
    public void Recall(IEnumerable<BlindTime> remembered)
    {
        ArgumentNullException.ThrowIfNull(remembered);
        foreach (var time in remembered)
            Put(time);
    }

    /// <summary>Forgets what was over before a time.</summary>
    public void Forget(long before)
    {
        lock (_gate)
        {
            if (!_times.Values.Any(times => times.Any(t => t.Until < before)))
                return;
            _times = _times.Values.Select(times => times.Where(t => !(t.Until < before)).ToArray()).Where(times => times.Length > 0)
                .ToDictionary(times => times[0].Pool, StringComparer.Ordinal);
        }
    }

    // Readers go on with what they have: each change is a new dictionary.
    private void Put(BlindTime time)
    {
        lock (_gate)
        {
            var times = _times.GetValueOrDefault(time.Pool) ?? [];
            _times = new(_times, StringComparer.Ordinal) { [time.Pool] = [.. times.Where(t => t.From != time.From), time] };
        }
    }
}
