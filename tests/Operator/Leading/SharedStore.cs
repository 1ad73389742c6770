using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Operator.Tests.Leading;

/// <summary>One database that several processes share: its epoch alone.</summary>
internal sealed class SharedEpoch
{
    private long _epoch;

    public bool Away { get; set; }

    public string? Refuses { get; set; }

    public long Value => Interlocked.Read(ref _epoch);

    public long Raise() => Interlocked.Increment(ref _epoch);
}

/// <summary>What one process has of it.</summary>
internal sealed class SharedStore(SharedEpoch database) : IdleStore, ILeaderFence
{
    public long LeaderEpoch { get; private set; }

    public override Task InitializeAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return database.Refuses is { } sentence ? throw new StoreRefusedException(sentence) : Task.CompletedTask;
    }

    public Task<long> RaiseLeaderEpochAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return Task.FromResult(LeaderEpoch = database.Raise());
    }

    public Task<long> ReadLeaderEpochAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return Task.FromResult(database.Value);
    }

    private void ThrowWhenAway()
    {
        if (database.Away)
            throw new StoreUnavailableException("told to by a test");
    }
}

/// <summary>A store of one process, of which an election asks only whether it is there.</summary>
internal class IdleStore : IResultStore
{
    public IAlertStore Alerts => throw new NotSupportedException();

    public IEventStore Events => throw new NotSupportedException();

    public virtual Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<IReadOnlyList<StoredMonitor>> ReadMonitorsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<long>> SaveMonitorsAsync(IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveHealthAsync(IReadOnlyList<HealthMark> marks, IReadOnlyList<NewEvent> changes, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<long>> AppendChecksAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredCheck>> ReadChecksAsync(CheckQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(long serviceId, long from, long until, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredHistory>> ReadHistoriesAsync(IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> ReadFirstDueAsync(long serviceId, long from, long fromGeneration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> DeleteBeforeAsync(long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredWorker>> ReadWorkersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveWorkersAsync(IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<BlindTime>> ReadBlindTimesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveBlindTimesAsync(IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
