using System.Collections.Concurrent;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// Gives the workers their assignments: plans anew when a monitor, a worker or a secret changed, and tells each worker the difference. Takes the
/// workers' results to the pipeline.
/// </summary>
internal sealed class Dispatcher(
    Fleet fleet, SecretResolver secrets, ResultPipeline pipeline, ManualChecks manualChecks, ChangeFeed feed, TimeProvider time, ILogger<Dispatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan SecretPeriod = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, ProbeSession> _sessions = new();
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <summary>The workers that are connected.</summary>
    public IReadOnlyCollection<ProbeSession> Sessions => [.. _sessions.Values];

    /// <summary>Something that the plan depends on changed. Never waits.</summary>
    public void Replan()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // A plan is due already and will see this change too.
        }
    }

    /// <summary>Begins a worker's session; one that the same worker had before ends.</summary>
    public ProbeSession Connect(WorkerHello hello)
    {
        var session = new ProbeSession(hello);
        _sessions.AddOrUpdate(hello.WorkerId, session, (_, before) =>
        {
            before.End();
            return session;
        });
        Log.WorkerConnected(log, hello.WorkerId, hello.Pool, hello.Version);
        Replan();
        return session;
    }

    /// <summary>Ends a worker's session.</summary>
    public void Disconnect(ProbeSession session)
    {
        session.End();
        if (_sessions.TryRemove(new(session.Hello.WorkerId, session)))
            Log.WorkerDisconnected(log, session.Hello.WorkerId);
        Replan();
    }

    /// <summary>Takes what a worker says; waits while the pipeline is full.</summary>
    public async ValueTask ReceiveAsync(ProbeSession session, WorkerMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ResultBatch batch:
                ReadSecretsAgainWhereRefused(batch);
                var incoming = new IncomingResults(
                    batch.Results, session.Hello.Pool, () => session.Tell(new ResultsAcknowledged(batch.Sequence)));
                await pipeline.WriteAsync(incoming, cancellationToken);
                break;
            case WorkerHeartbeat heartbeat:
                session.LastHeartbeat = heartbeat;
                break;
        }
    }

    /// <summary>Checks a monitor now, at the first of its locations that has a worker.</summary>
    /// <returns>The result; null where no worker has the monitor.</returns>
    /// <exception cref="TimeoutException">The worker did not answer within the monitor's time limit and a little more.</exception>
    public async Task<ManualCheck?> RunNowAsync(MonitorState state, CancellationToken cancellationToken)
    {
        if (state.Monitor is not { } monitor)
            return null;
        foreach (var location in monitor.Spec.Pools)
        {
            var id = new AssignmentId(monitor.Uid, location);
            if (_sessions.Values.FirstOrDefault(s => s.Checks(id)) is not { } session)
                continue;
            using var waiter = manualChecks.Expect(
                monitor.Uid, location, time.GetUtcNow().ToUnixTimeMilliseconds(), instant => DueTimes.IsDue(monitor.Uid, location, monitor.Spec.Interval, instant));
            session.Tell(new RunNow(id, waiter.Id.DueTime));
            return await waiter.Result.WaitAsync(monitor.Spec.Timeout + TimeSpan.FromSeconds(2), time, cancellationToken);
        }
        return null;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _changed.WaitAsync(SecretPeriod, stoppingToken);
            try
            {
                await PlanAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.PlanFailed(log, e);
            }
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        var monitors = new List<Monitor>();
        var states = new Dictionary<string, MonitorState>();
        foreach (var state in fleet.All)
        {
            if (state.Monitor is { } monitor && states.TryAdd(monitor.Uid, state))
                monitors.Add(monitor);
        }
        var sessions = Sessions;
        var wanted = sessions.ToDictionary(s => s.Hello.WorkerId, _ => new Dictionary<AssignmentId, Assignment>());
        var workers = sessions.Select(s => new WorkerSlot(s.Hello.WorkerId, s.Hello.Pool)).ToList();
        // Nobody looks for the secrets of a suspended monitor: what was said of them before may no longer be so.
        foreach (var state in states.Values.Where(s => s.Monitor!.Spec.Suspend))
            SayMissing(state, null);
        // A server that does not answer is no matter of the monitors that need nothing of it.
        if (await secrets.RefreshAsync(monitors.Where(m => !m.Spec.Suspend), Replan, cancellationToken) is { } unreadable)
            Log.SecretsUnreadable(log, unreadable);
        foreach (var placement in AssignmentPlanner.Plan(monitors, workers))
        {
            var monitor = placement.Monitor;
            var state = states[monitor.Uid];
            if (secrets.Known(monitor) is not { } resolved)
            {
                // Nobody knows whether the secrets changed: whoever checks it goes on as before.
                if (placement.WorkerId is { } worker && sessions.First(s => s.Hello.WorkerId == worker).Holds(new(monitor.Uid, placement.Location)) is { } held)
                    wanted[worker][held.Id] = held;
                continue;
            }
            SayMissing(state, resolved.Missing);
            if (resolved.Missing is not null || placement.WorkerId is null)
                continue;
            var assignment = Assignment.Of(monitor, placement.Location, resolved.Values) with { CheckSoon = !state.HasResultOfGeneration };
            wanted[placement.WorkerId][assignment.Id] = assignment;
        }
        foreach (var session in sessions)
            session.Assign(wanted[session.Hello.WorkerId]);
    }

    private void SayMissing(MonitorState state, string? names)
    {
        if (state.SetMissingSecrets(names, time.GetUtcNow().ToUnixTimeMilliseconds()))
            feed.ServiceChanged(state.Id);
    }

    // A credential that the target refuses may have been rotated: look before the next period is over.
    private void ReadSecretsAgainWhereRefused(ResultBatch batch)
    {
        var again = false;
        foreach (var result in batch.Results)
        {
            if (result.StatusCode is 401 or 403 && fleet.TryGet(result.Uid, out var state) && state.Monitor is { } monitor)
                again |= secrets.Forget(monitor);
        }
        if (again)
            Replan();
    }
}
