using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Storage;

/// <summary>When locations were blind: a restart judges the rounds of a day anew, by the blindness of their time.</summary>
public interface IBlindTimeStore
{
    /// <summary>All that are remembered, by location and start.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task<IReadOnlyList<BlindTime>> ReadBlindTimesAsync(CancellationToken cancellationToken);

    /// <summary>Remembers some, by location and start, in the place of what was remembered there; forgets those that were over before a time. All or nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    Task SaveBlindTimesAsync(IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken);
}
