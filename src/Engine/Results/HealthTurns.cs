using HealthTrack.Core.Sre;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Results;

/// <summary>The turns of one monitor's health that the store does not have yet. Not thread-safe: its owner locks.</summary>
/// <param name="stored">The health that the store has.</param>
internal sealed class HealthTurns(string stored)
{
    // While the store is away for hours a service may flap: what is let go is the oldest.
    private const int MaxUnsaved = 1000;

    // Null while there are none: nearly always.
    private List<NewEvent>? _unsaved;
    private string _last = stored;
    private long _lastAt;
    // Results that come in together turn health several times in one millisecond.
    private int _withinMs;
    private int _dropped;

    /// <summary>Those that wait, oldest first.</summary>
    public IReadOnlyList<NewEvent> Unsaved => _unsaved is null ? [] : [.. _unsaved];

    /// <summary>Takes the health as it is now; nothing where it is what it was.</summary>
    public void Note(StoredMonitor monitor, HealthVerdict verdict, long since)
    {
        var health = verdict.Health.ToString();
        if (health == _last)
            return;
        _unsaved ??= [];
        if (_unsaved.Count == MaxUnsaved)
        {
            _unsaved.RemoveAt(0);
            _dropped++;
        }
        _withinMs = since == _lastAt ? _withinMs + 1 : 0;
        _unsaved.Add(EventContent.OfTurn(monitor, _last, verdict, since, _withinMs));
        (_last, _lastAt) = (health, since);
    }

    /// <summary>How many were let go since the last time that this was asked.</summary>
    public int TakeDropped()
    {
        var dropped = _dropped;
        _dropped = 0;
        return dropped;
    }

    /// <summary>The store has these.</summary>
    public void Saved(IReadOnlyList<NewEvent> saved)
    {
        if (_unsaved is null)
            return;
        var count = 0;
        while (count < _unsaved.Count && count < saved.Count && ReferenceEquals(_unsaved[count], saved[count]))
            count++;
        _unsaved.RemoveRange(0, count);
        if (_unsaved.Count == 0)
            _unsaved = null;
    }
}

/// <summary>What the store is to know of a monitor's health.</summary>
/// <param name="Mark">How it is.</param>
/// <param name="Changes">How it came to that, since the last time.</param>
/// <param name="Dropped">How many of the changes were let go since the last time, because too many waited.</param>
internal readonly record struct UnsavedHealth(HealthMark Mark, IReadOnlyList<NewEvent> Changes, int Dropped = 0);
