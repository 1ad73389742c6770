namespace HealthTrack.Engine.Storage;

/// <summary>
/// A store that several processes share and one of them, the leader, writes to. Each new leader raises the store's epoch; a process with another
/// epoch than the store's cannot write any more, whatever it believes of itself.
/// </summary>
public interface ILeaderFence
{
    /// <summary>The epoch that this process writes under; 0 until it was raised, which is enough where no one elects a leader.</summary>
    long LeaderEpoch { get; }

    /// <summary>Takes the store over: from now on this instance may write, and no other.</summary>
    /// <returns>The new epoch.</returns>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task<long> RaiseLeaderEpochAsync(CancellationToken cancellationToken);

    /// <summary>The store's own epoch now: another than <see cref="LeaderEpoch"/> once another process took it over.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task<long> ReadLeaderEpochAsync(CancellationToken cancellationToken);
}
