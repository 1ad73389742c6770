using System.Collections.Concurrent;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Results;

/// <summary>A store in memory that can be away, or choke on one check.</summary>
internal sealed class FakeStore : IResultStore
{
    private readonly Lock _gate = new();
    private readonly List<StoredCheck> _checks = [];

    public bool Away { get; set; }

    public bool Damaged { get; set; }

    /// <summary>How often it was asked to append.</summary>
    public int Tries { get; private set; }

    public Func<NewCheck, bool> Chokes { get; set; } = _ => false;

    public ConcurrentDictionary<long, HealthMark> Marks { get; } = new();

    public IReadOnlyList<StoredCheck> Checks
    {
        get
        {
            lock (_gate)
                return [.. _checks];
        }
    }

    /// <summary>The changes of health that were saved, in order.</summary>
    public ConcurrentQueue<NewEvent> Changes { get; } = new();

    public IAlertStore Alerts { get => field ?? throw new NotSupportedException(); init; }

    public IEventStore Events { get => field ?? throw new NotSupportedException(); init; }

    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return Task.CompletedTask;
    }

    public Task<bool> IsAvailableAsync(CancellationToken cancellationToken) => Task.FromResult(!Away);

    public Task<IReadOnlyList<StoredMonitor>> ReadMonitorsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<long>> SaveMonitorsAsync(IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveHealthAsync(IReadOnlyList<HealthMark> marks, IReadOnlyList<NewEvent> changes, CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        foreach (var mark in marks)
            Marks[mark.ServiceId] = mark;
        foreach (var change in changes)
            Changes.Enqueue(change);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<long>> AppendChecksAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken)
    {
        Tries++;
        ThrowWhenAway();
        if (checks.Any(Chokes))
            throw new InvalidOperationException("a defect");
        lock (_gate)
        {
            var ids = new List<long>();
            foreach (var check in checks)
            {
                var known = _checks.Exists(c => c.ServiceId == check.ServiceId && c.Result.Id == check.Result.Id);
                ids.Add(known ? 0 : _checks.Count + 1);
                if (!known)
                    _checks.Add(new StoredCheck(_checks.Count + 1, check.ServiceId, check.Result));
            }
            return Task.FromResult<IReadOnlyList<long>>(ids);
        }
    }

    public Task<IReadOnlyList<StoredCheck>> ReadChecksAsync(CheckQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(long serviceId, long from, long until, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredHistory>> ReadHistoriesAsync(IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> ReadFirstDueAsync(long serviceId, long from, long fromGeneration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> DeleteBeforeAsync(long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ConcurrentDictionary<string, StoredWorker> Workers { get; } = new();

    public Task<IReadOnlyList<StoredWorker>> ReadWorkersAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return Task.FromResult<IReadOnlyList<StoredWorker>>([.. Workers.Values]);
    }

    public Task SaveWorkersAsync(IReadOnlyList<StoredWorker> connected, IReadOnlyList<string> gone, CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        foreach (var worker in connected)
            Workers[worker.Id] = worker;
        foreach (var id in gone)
            Workers.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public ConcurrentDictionary<(string, long), BlindTime> BlindTimes { get; } = new();

    public Task<IReadOnlyList<BlindTime>> ReadBlindTimesAsync(CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        return Task.FromResult<IReadOnlyList<BlindTime>>([.. BlindTimes.Values]);
    }

    public Task SaveBlindTimesAsync(IReadOnlyList<BlindTime> times, long forgetBefore, CancellationToken cancellationToken)
    {
        ThrowWhenAway();
        foreach (var time in times)
            BlindTimes[(time.Pool, time.From)] = time;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void ThrowWhenAway()
    {
        if (Damaged)
            throw new StoreRefusedException("The store is damaged.");
        if (Away)
            throw new StoreUnavailableException("the disk is full");
    }
}
