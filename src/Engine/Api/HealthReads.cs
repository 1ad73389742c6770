using HealthTrack.Contracts.Api;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HealthTrack.Engine.Api;

/// <summary>How this process itself is.</summary>
internal static class HealthReads
{
    private const string Fine = "ok";
    private const string Degraded = "degraded";
    private const string Standby = "standby";

    /// <summary>It runs.</summary>
    public static ContentHttpResult Alive() => TypedResults.Text("ok\n");

    /// <summary>Whether it leads.</summary>
    public static ContentHttpResult Leads(ILeadership leadership) =>
        leadership.IsLeader ? TypedResults.Text("leader\n") : throw LeaderGate.Refusal(leadership);

    /// <summary>It serves; the body says what is not as it should be.</summary>
    public static Ok<HealthReport> Ready(
        IEnumerable<IMonitorSource> monitorSources, IntakeProgress progress, PipelineMetrics pipeline, Fleet fleet, Dispatcher dispatcher, LocationWatch locations,
        ILeadership leadership, AlertMetrics alerts, [FromServices] EventMetrics? events, [FromServices] DeadmanMetrics? deadman)
    {
        if (!leadership.IsLeader && leadership.Leader is not null)
            return TypedResults.Ok(OfStandby(monitorSources, leadership));
        var components = new SortedDictionary<string, ComponentHealth>(StringComparer.Ordinal)
        {
            ["leadership"] = Leadership(leadership),
            ["store"] = Store(progress, pipeline),
            ["sources"] = Sources(monitorSources, progress, fleet),
            ["locations"] = locations.Blind is { Count: > 0 } blind
                ? new(Degraded, $"Blind, so that their votes do not count: {string.Join(", ", blind.Order(StringComparer.Ordinal))}.")
                : new(Fine, "No location is blind."),
            ["workers"] = dispatcher.Sessions.Count is var workers and > 0
                ? new(Fine, $"{workers} connected.")
                : new(Degraded, "No worker is connected: nothing is checked."),
        };
        if (alerts.ClaimsUp is { } claims)
            components["redis"] = claims ? new(Fine, "Redis answers.") : new(Degraded, "Redis is away: a notification may come twice after a restart.");
        if (events is not null)
            components["kafka"] = events.Problem is { } problem ? new(Degraded, $"Kafka does not take every topic, and what it does not take waits in the store: {problem}") : new(Fine, "Events are published.");
        if (deadman is not null)
            components["deadman"] = deadman.Problem is { } unheard ? new(Degraded, $"The dead man's switch was not called the last time: {unheard}") : new(Fine, "The dead man's switch is called each minute.");
        var status = components.Values.All(c => c.Status == Fine) ? Fine : Degraded;
        return TypedResults.Ok(new HealthReport(status, components));
    }

    // It has no workers, and neither opens the store nor takes in what its sources, which are read, declare.
    private static HealthReport OfStandby(IEnumerable<IMonitorSource> sources, ILeadership leadership)
    {
        var problem = sources.Select(s => s.Problem).FirstOrDefault(p => p is not null);
        var components = new SortedDictionary<string, ComponentHealth>(StringComparer.Ordinal)
        {
            ["leadership"] = Leadership(leadership),
            ["sources"] = problem is null ? new(Fine, "What is declared is watched.") : new(Degraded, problem),
        };
        return new HealthReport(components.Values.All(c => c.Status == Fine) ? Standby : Degraded, components);
    }

    private static ComponentHealth Leadership(ILeadership leadership) => leadership switch
    {
        { Problem: { } problem } => new(Degraded, problem),
        { IsLeader: true } => new(Fine, $"This process leads, as {leadership.Leader}."),
        { Leader: { } leader } => new(Fine, $"This process is a standby; {leader} leads."),
        _ => new(Degraded, "No process leads yet."),
    };

    private static ComponentHealth Sources(IEnumerable<IMonitorSource> sources, IntakeProgress progress, Fleet fleet)
    {
        if (sources.Select(s => s.Problem).FirstOrDefault(p => p is not null) is { } problem)
            return new(Degraded, problem);
        return progress.FirstSync.IsCompleted
            ? new(Fine, $"{fleet.Count} monitors are declared.")
            : new(Degraded, "The monitors are still being read.");
    }

    // What the store said is in the log: it may hold a path.
    private static ComponentHealth Store(IntakeProgress progress, PipelineMetrics pipeline)
    {
        if (progress.StoreProblem is not null)
            return new(Degraded, "The store is away: monitors are taken in when it is back.");
        return pipeline.StoreUp
            ? new(Fine, "The store answers.")
            : new(Degraded, "The store is away: results are held until it is back.");
    }

    /// <summary>The workers, by id.</summary>
    public static Ok<List<WorkerRow>> Workers(WorkerRoster roster) =>
        TypedResults.Ok(roster.All.OrderBy(w => w.Id, StringComparer.Ordinal).Select(w => Worker(w.Id, w.Pool, w.State, w.Session)).ToList());

    private static WorkerRow Worker(string id, string pool, WorkerState state, ProbeSession? session)
    {
        var heartbeat = session?.LastHeartbeat;
        return new WorkerRow
        {
            Id = id,
            Pool = pool,
            Version = session?.Hello.Version,
            State = state switch
            {
                WorkerState.Connected => "connected",
                WorkerState.Leaving => "leaving",
                WorkerState.SkewedClock => "skewed_clock",
                WorkerState.Away => "away",
                _ => "lost",
            },
            Protocol = session?.Hello.Protocol,
            Capacity = session?.Hello.Capacity,
            ClockOffsetMs = session?.ClockOffset,
            Refused = session?.Refused.Count,
            LastHeartbeat = heartbeat is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(heartbeat.Clock),
            Assigned = heartbeat?.Assigned,
            InFlight = heartbeat?.InFlight,
            Missed = heartbeat?.Missed,
            LagP99Ms = heartbeat?.LagP99Millis,
            Unacknowledged = heartbeat?.Unacknowledged,
            Dropped = heartbeat?.Dropped,
        };
    }
}
