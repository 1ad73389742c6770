namespace HealthTrack.Engine.Leadership;

/// <summary>
/// Whether this process is the one that acts: stores, assigns, alerts, writes statuses. Of several processes one leads; the others watch and wait.
/// A process leads once in its life: one that lost its leadership ends, and whoever started it starts it again as a standby.
/// </summary>
public interface ILeadership
{
    /// <summary>Completes when this process leads: it was elected, and has made the store its own (<see cref="Storage.ILeaderFence"/>).</summary>
    Task Elected { get; }

    /// <summary>Cancelled when it leads no more: stop acting at once. Before it is elected, not cancelled.</summary>
    CancellationToken Lost { get; }

    /// <summary>Elected, and not lost.</summary>
    bool IsLeader => Elected.IsCompletedSuccessfully && !Lost.IsCancellationRequested;

    /// <summary>Who leads, for people: a name of a process (a pod's, in a cluster); null while nobody is known to.</summary>
    string? Leader { get; }

    /// <summary>What keeps it from knowing or keeping its role, one sentence for /readyz; null while nothing does.</summary>
    string? Problem => null;
}
