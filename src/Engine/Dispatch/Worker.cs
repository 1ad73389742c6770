using System.Collections.Concurrent;
using HealthTrack.Core.Assignments;

namespace HealthTrack.Engine.Dispatch;

/// <summary>How a worker is.</summary>
internal enum WorkerState
{
    /// <summary>Its stream is open.</summary>
    Connected,

    /// <summary>It is about to stop, and hands over what it checks.</summary>
    Leaving,

    /// <summary>Its clock is so wrong that it is given nothing to check.</summary>
    SkewedClock,

    /// <summary>Its stream is gone, and it has a few seconds to come back to its monitors.</summary>
    Away,

    /// <summary>It did not come back; its monitors are checked by others.</summary>
    Lost,
}

/// <summary>One worker, across its connections. Guarded by the lock of the <see cref="WorkerRoster"/>, but for what says otherwise.</summary>
internal sealed class Worker(string id, string pool)
{
    private const int MaxHad = 400_000;

    private readonly ConcurrentDictionary<AssignmentId, byte> _had = new();

    public string Id { get; } = id;

    public string Pool { get; } = pool;

    public int Capacity { get; set; } = 1;

    public bool Secure { get; set; } = true;

    /// <summary>The open stream; null while there is none.</summary>
    public ProbeSession? Session { get; set; }

    /// <summary>The timestamp of its last sign of life.</summary>
    public long SeenAt { get; set; }

    /// <summary>How long it may be silent.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Whether it was silent for too long when it was looked at last: once more, and it is lost.</summary>
    public bool Suspect { get; set; }

    /// <summary>Whether it was given up.</summary>
    public bool IsLost { get; set; }

    /// <summary>How it is.</summary>
    public WorkerState State => this switch
    {
        { IsLost: true } => WorkerState.Lost,
        { Session: null } => WorkerState.Away,
        { Session.Leaving: true } => WorkerState.Leaving,
        { Session.Skewed: true } => WorkerState.SkewedClock,
        _ => WorkerState.Connected,
    };

    /// <summary>Whether monitors are placed on it.</summary>
    public bool Placeable => State is WorkerState.Connected or WorkerState.Away;

    /// <summary>Remembers that it was given these. Thread-safe.</summary>
    public void Had(IEnumerable<AssignmentId> ids)
    {
        if (_had.Count > MaxHad)
            _had.Clear();
        foreach (var id in ids)
            _had[id] = 0;
    }

    /// <summary>Whether it was ever given this. Thread-safe.</summary>
    public bool EverHad(AssignmentId id) => _had.ContainsKey(id);
}
