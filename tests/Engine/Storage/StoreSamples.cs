using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>Rows that the storage tests share.</summary>
internal static class StoreSamples
{
    /// <summary>A due time of today's magnitude.</summary>
    public const long Start = 1_790_000_000_000;

    public static StoredMonitor NewMonitor(string name, string ns = "default") => new()
    {
        Id = 0,
        Key = new MonitorKey(ns, name),
        Uid = MonitorUid.For(new MonitorKey(ns, name)),
        Generation = 1,
        Manifest = """{"kind":"ServiceMonitor"}""",
        CountsFrom = 0,
        CountsFromGeneration = 1,
        DeletedAt = null,
    };

    public static NewCheck Check(
        long service, long due, Outcome outcome = Outcome.Ok, string location = "default", long generation = 1,
        CheckKind kind = CheckKind.Scheduled, string? message = null) =>
        new(service, new CheckResult
        {
            Uid = "a-uid",
            Location = location,
            Worker = "worker-1",
            Generation = generation,
            DueTime = due,
            StartedAt = due + 3,
            Kind = kind,
            Outcome = outcome,
            LatencyMicros = 12_345,
            CountsInLatency = outcome == Outcome.Ok,
            StatusCode = 200,
            Message = message,
            Phases = new CheckPhases(1, 2, 3, 4, 5),
        });

    public static StoredSample Sample(NewCheck check) => new(
        check.Result.DueTime, check.Result.LatencyMicros, check.Result.Outcome, check.Result.Kind, check.Result.CountsInLatency,
        check.Result.Generation, check.Result.Location);

    public static async Task<long> AddMonitorAsync(this IResultStore store, string name, CancellationToken cancellationToken) =>
        Assert.Single(await store.SaveMonitorsAsync([NewMonitor(name)], cancellationToken));

    /// <summary>Deletes with no service kept longer.</summary>
    public static Task<long> DeleteBeforeAsync(this IResultStore store, long before, CancellationToken cancellationToken) =>
        store.DeleteBeforeAsync(before, new Dictionary<long, long>(), cancellationToken);
}
