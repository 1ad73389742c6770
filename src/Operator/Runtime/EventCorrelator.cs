using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>What happened, to what.</summary>
/// <param name="Regarding">The object.</param>
/// <param name="Type">How much it matters.</param>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">One sentence.</param>
internal sealed record EventNote(V1ObjectReference Regarding, EventType Type, string Reason, string Message);

/// <summary>An event to write: anew, or as a repeat of one that is written.</summary>
/// <param name="Name">The Event object's name.</param>
/// <param name="Message">What it says; another than the note's where many that are alike are told as one.</param>
/// <param name="Count">How often it has happened.</param>
/// <param name="First">When it first did.</param>
/// <param name="Last">When it last did.</param>
internal sealed record CorrelatedEvent(string Name, string Message, int Count, DateTimeOffset First, DateTimeOffset Last);

/// <summary>
/// Keeps events few, with client-go's numbers: one object may cause 25 at once and one in five minutes after that; the same message counts up the event
/// that says it; and from the eleventh different message of one reason within ten minutes they are told as one. Thread-safe.
/// </summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    private const int Burst = 25;
    private const int Similar = 10;
    private const int Remembered = 4096;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SimilarWithin = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly BoundedMemory<string, Bucket> _buckets = new(Remembered);
    private readonly BoundedMemory<(string Uid, EventType Type, string Reason), Group> _groups = new(Remembered);
    private readonly BoundedMemory<EventNote, CorrelatedEvent> _written = new(Remembered);

    /// <summary>What to write for a note; null: nothing.</summary>
    public CorrelatedEvent? Correlate(EventNote note)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var told = note with { Message = Tell(note, now) };
            // A record's equality goes through the reference's fields: the UID is in it.
            var written = _written.Find(told);
            if (!Spend(note.Regarding.Uid ?? note.Regarding.Name, now))
                return null;
            var next = written is null
                ? new CorrelatedEvent($"{note.Regarding.Name}.{Guid.NewGuid():N}", told.Message, 1, now, now)
                : written with { Count = written.Count + 1, Last = now };
            _written.Remember(told, next);
            return next;
        }
    }

    /// <summary>The API server no longer holds the event that was counted up: it begins anew.</summary>
    public CorrelatedEvent Renew(EventNote note, CorrelatedEvent lost)
    {
        lock (_gate)
        {
            var anew = lost with { Name = $"{note.Regarding.Name}.{Guid.NewGuid():N}", Count = 1, First = lost.Last };
            _written.Remember(note with { Message = lost.Message }, anew);
            return anew;
        }
    }

    private string Tell(EventNote note, DateTimeOffset now)
    {
        var key = (note.Regarding.Uid ?? note.Regarding.Name, note.Type, note.Reason);
        var group = _groups.Find(key);
        if (group is null || now - group.Last > SimilarWithin)
            group = new Group([], now);
        if (group.Messages.Count < Similar)
            group.Messages.Add(note.Message);
        _groups.Remember(key, group with { Last = now });
        return group.Messages.Contains(note.Message) ? note.Message : "More of the same, each with a message of its own; the newest states are in the status.";
    }

    private bool Spend(string uid, DateTimeOffset now)
    {
        var bucket = _buckets.Find(uid) ?? new Bucket(Burst, now);
        var tokens = Math.Min(Burst, bucket.Tokens + ((now - bucket.At) / Refill));
        _buckets.Remember(uid, new Bucket(tokens >= 1 ? tokens - 1 : tokens, now));
        return tokens >= 1;
    }

    private sealed record Bucket(double Tokens, DateTimeOffset At);

    private sealed record Group(HashSet<string> Messages, DateTimeOffset Last);
}
