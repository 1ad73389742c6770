using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Reads what monitors are rebuilt from, many at once: asked for one after another, the histories of ten thousand monitors would take longer than a start, or a new
/// leader, may.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="log">Says what cannot be read.</param>
internal sealed class HistoryReader(IResultStore store, ILogger log)
{
    // As many as the SQLite driver has, and few enough for a Postgres pool.
    private const int Readers = 4;

    // More make a round trip no cheaper.
    private const int MonitorsAtOnce = 50;

    // One answer is whole long before a store's time limit, and four of them are no load for the memory.
    private const long SamplesAtOnce = 100_000;

    /// <summary>Reads them. One that cannot be read is said and left out; the others go on.</summary>
    /// <param name="monitors">Each with its row, and whether it was never seen before: of such a one there is nothing to read.</param>
    /// <param name="now">Where windows end, ms since the Unix epoch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public async Task<IReadOnlyDictionary<MonitorKey, MonitorHistory>> ReadAsync(
        IReadOnlyList<(StoredMonitor Row, Monitor Monitor, bool IsNew)> monitors, long now, CancellationToken cancellationToken)
    {
        var histories = new ConcurrentDictionary<MonitorKey, MonitorHistory>();
        foreach (var (row, _, _) in monitors.Where(m => m.IsNew))
            histories[row.Key] = MonitorHistory.None;
        var seen = monitors.Where(m => !m.IsNew).Select(m => (m.Row, m.Monitor)).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Parts(seen), options, (part, ct) => new ValueTask(ReadAsync(part, histories, now, ct)));
        return histories;
    }

    /// <summary>Parts that are read together.</summary>
    internal static IEnumerable<List<(StoredMonitor Row, Monitor Monitor)>> Parts(IReadOnlyList<(StoredMonitor Row, Monitor Monitor)> monitors)
    {
        var most = Math.Min(MonitorsAtOnce, (monitors.Count + Readers - 1) / Readers); // Few are shared among the readers too.
        var (part, samples) = (new List<(StoredMonitor, Monitor)>(), 0L);
        foreach (var (row, monitor) in monitors)
        {
            var more = MonitorHistory.ExpectedSamples(monitor);
            if (part.Count > 0 && (part.Count == most || samples + more > SamplesAtOnce))
            {
                yield return part;
                (part, samples) = ([], 0);
            }
            part.Add((row, monitor));
            samples += more;
        }
        if (part.Count > 0)
            yield return part;
    }

    // What cannot be read together is read one by one.
    private async Task ReadAsync(
        List<(StoredMonitor Row, Monitor Monitor)> part, ConcurrentDictionary<MonitorKey, MonitorHistory> histories, long now, CancellationToken cancellationToken)
    {
        try
        {
            var read = await store.ReadHistoriesAsync([.. part.Select(m => MonitorHistory.Query(m.Row, m.Monitor, now))], cancellationToken);
            for (var i = 0; i < part.Count; i++)
                histories[part[i].Row.Key] = MonitorHistory.Of(read[i], part[i].Row, part[i].Monitor);
        }
        catch (Exception e) when (part.Count == 1 && e is not (StoreUnavailableException or OperationCanceledException))
        {
            Log.FaultyDeclaration(log, e, part[0].Row.Key);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            Log.HistoriesOneByOne(log, part.Count, e.Message);
            foreach (var one in part)
                await ReadAsync([one], histories, now, cancellationToken);
        }
    }
}
