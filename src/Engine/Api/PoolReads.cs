using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>The locations that services are checked from.</summary>
internal static class PoolReads
{
    /// <summary>All pools that are declared, that monitors name, or that workers check for, by name.</summary>
    public static Ok<List<PoolRow>> List(IPoolDirectory directory, Fleet fleet, Dispatcher dispatcher)
    {
        var declared = directory.Pools.ToDictionary(p => p.Name);
        var sessions = dispatcher.Sessions.ToLookup(s => s.Hello.Pool);
        var workers = sessions.ToDictionary(pool => pool.Key, pool => pool.Count());
        var monitors = fleet.All.SelectMany(s => s.Monitor?.Spec.Pools ?? []).CountBy(p => p).ToDictionary();
        return TypedResults.Ok(declared.Keys.Union(workers.Keys).Union(monitors.Keys).Order(StringComparer.Ordinal).Select(Row).ToList());

        PoolRow Row(string name)
        {
            var pool = declared.GetValueOrDefault(name);
            return new PoolRow
            {
                Name = name,
                Exists = directory.Exists(name),
                Replicas = pool?.Replicas,
                Ready = pool?.ReadyReplicas,
                External = pool?.External ?? false,
                WorkersConnected = workers.GetValueOrDefault(name),
                Load = sessions[name].Max(s => s.LastHeartbeat?.Load),
                Monitors = monitors.GetValueOrDefault(name),
                Conditions = [.. (pool?.Conditions ?? []).Select(ServiceRows.Condition)],
            };
        }
    }
}
