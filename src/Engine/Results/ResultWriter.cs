using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Results;

/// <summary>Puts results into the store.</summary>
internal sealed class ResultWriter(IResultStore store, PipelineMetrics metrics, ILogger log)
{
    /// <summary>Stores them.</summary>
    /// <returns>Their ids, in the same order; 0 for one that was there already, or that a defect keeps from being stored.</returns>
    /// <exception cref="StoreUnavailableException">The store is away: none is stored.</exception>
    public async Task<IReadOnlyList<long>> StoreAsync(List<AdmittedResult> admitted, CancellationToken cancellationToken)
    {
        if (admitted.Count == 0)
            return [];
        var rows = admitted.ConvertAll(a => new NewCheck(a.State.Id, a.Result));
        var ids = await StoreEachAsync(rows, cancellationToken);
        metrics.StoreAnswered(true);
        metrics.Stored(ids.Count(id => id != 0));
        return ids;
    }

    // All at once; where a defect makes that impossible, one by one, so that the one result that cannot be stored holds up no other.
    private async Task<IReadOnlyList<long>> StoreEachAsync(List<NewCheck> rows, CancellationToken cancellationToken)
    {
        try
        {
            return await store.AppendChecksAsync(rows, cancellationToken);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            if (rows.Count == 1)
            {
                metrics.Faulty();
                Log.FaultyResult(log, e, rows[0].Result.Id);
                return [0];
            }
            var ids = new List<long>(rows.Count);
            foreach (var row in rows)
                ids.AddRange(await StoreEachAsync([row], cancellationToken));
            return ids;
        }
    }
}
