using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Results;

/// <summary>A result of a monitor that exists, recent enough to count.</summary>
internal readonly record struct AdmittedResult(MonitorState State, CheckResult Result);

/// <summary>
/// Results that are folded but wait for the store, oldest first, and the acknowledgements that wait with them. None is let go: once it is full, no more is
/// taken from the links. Used by the pipeline's loop alone.
/// </summary>
internal sealed class HeldResults(int capacity = 500_000)
{
    private readonly Queue<AdmittedResult> _queue = new();
    private readonly HashSet<CheckId> _ids = [];
    private List<Action> _acknowledgements = [];

    /// <summary>How many are held.</summary>
    public int Count => _queue.Count;

    /// <summary>Whether so many are held that no more should be taken in; what was taken already is held all the same.</summary>
    public bool IsFull => _queue.Count >= capacity;

    /// <summary>Whether it is held.</summary>
    public bool Contains(CheckId id) => _ids.Contains(id);

    /// <summary>Holds one more.</summary>
    public void Add(AdmittedResult result)
    {
        _queue.Enqueue(result);
        _ids.Add(result.Result.Id);
    }

    /// <summary>The oldest ones.</summary>
    public List<AdmittedResult> Peek(int max) => [.. _queue.Take(max)];

    /// <summary>Lets the oldest ones go: they are stored.</summary>
    public void Remove(int count)
    {
        for (var i = 0; i < count; i++)
            _ids.Remove(_queue.Dequeue().Result.Id);
    }

    /// <summary>Keeps an acknowledgement until all that is held is stored.</summary>
    public void AcknowledgeLater(Action acknowledge) => _acknowledgements.Add(acknowledge);

    /// <summary>The acknowledgements that were kept; they are kept no more.</summary>
    public List<Action> TakeAcknowledgements()
    {
        var taken = _acknowledgements;
        _acknowledgements = [];
        return taken;
    }
}
