namespace HealthTrack.Engine.Storage;

/// <summary>The workers that were connected last, for a leader that has just been elected: it knows of nobody yet, and must not take that for a loss.</summary>
public interface IWorkerStore
{
    /// <summary>All that are remembered, by id.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task<IReadOnlyList<StoredWorker>> ReadWorkersAsync(CancellationToken cancellationToken);

    /// <summary>Remembers some and forgets others, all or nothing. One that is in both lists is forgotten.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task SaveWorkersAsync(IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken);
}

/// <summary>A worker as the store remembers it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pool">Its pool.</param>
/// <param name="Capacity">Its weight.</param>
/// <param name="ConnectedAt">When it connected last, ms since the Unix epoch.</param>
public sealed record StoredWorker(string Id, string Pool, int Capacity, long ConnectedAt);
