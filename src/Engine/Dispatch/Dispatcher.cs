using Grpc.Core;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// Gives the workers their assignments: plans anew when a monitor, a worker or a secret changed, and tells each worker the difference. Takes the
/// workers' results to the pipeline. Only the leader plans.
/// </summary>
internal sealed class Dispatcher(
    Fleet fleet, SecretResolver secrets, ResultPipeline pipeline, ManualChecks manualChecks, WorkerRoster roster, AssignmentRound round, WorkerMemory memory,
    TimeProvider time, ILogger<Dispatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan SecretPeriod = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HandOverPeriod = TimeSpan.FromSeconds(1);

    // Real time, whatever the clock: how long a look at the workers and the drawing together of a burst of them take.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);

    private readonly ResultQuota _quota = ResultQuota.OfAll();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private int _gather;
    private volatile bool _handingOver;

    /// <summary>The workers that are connected.</summary>
    public IReadOnlyCollection<ProbeSession> Sessions => roster.Sessions;

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
    /// <param name="hello">Who it is.</param>
    /// <param name="remote">Whether it is another process.</param>
    /// <param name="secure">Whether secrets may be sent to it.</param>
    /// <exception cref="WorkerRefusedException">Its id is taken, or there are too many.</exception>
    public ProbeSession Connect(WorkerHello hello, bool remote = false, bool secure = true)
    {
        var session = roster.Connect(hello, remote, secure);
        Log.WorkerConnected(log, hello.WorkerId, hello.Pool, hello.Version);
        ReplanGathered(remote);
        return session;
    }

    /// <summary>Ends a worker's session.</summary>
    public void Disconnect(ProbeSession session)
    {
        if (roster.Disconnect(session))
            Log.WorkerDisconnected(log, session.Hello.WorkerId);
        ReplanGathered(session.Remote);
    }

    /// <summary>Takes what a worker says; waits while the pipeline is full, or full of this worker's results.</summary>
    public async ValueTask ReceiveAsync(ProbeSession session, WorkerMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ResultBatch batch:
                await ReceiveAsync(session, batch, cancellationToken);
                break;
            case WorkerHeartbeat heartbeat:
                if (roster.HeardFrom(session, heartbeat))
                    Replan();
                break;
            case AssignmentsApplied applied:
                session.Applied(applied, time.GetUtcNow().ToUnixTimeMilliseconds());
                foreach (var refused in applied.Refused.Take(10))
                    Log.AssignmentRefused(log, session.Hello.WorkerId, refused.Id, refused.Reason);
                if (_handingOver)
                    Replan();
                break;
            case WorkerLeaving leaving when !session.Leaving:
                session.Leaving = true;
                Log.WorkerLeaves(log, session.Hello.WorkerId, leaving.Reason);
                Replan();
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
            if (Sessions.FirstOrDefault(s => s.Checks(id)) is not { } session)
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
        try
        {
            roster.Recall(await memory.RecallAsync(stoppingToken));
            await PlanAsync(stoppingToken);
        }
        finally
        {
            roster.EndAll(new Status(StatusCode.Unavailable, "This process leads no more, or stops."));
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        long? planned = null;
        var wasSettled = false;
        while (true)
        {
            var due = await _changed.WaitAsync(LookPeriod, cancellationToken);
            due |= roster.Sweep();
            var settled = time.GetElapsedTime(began) > WorkerRoster.LeaderGrace;
            due |= settled != wasSettled || planned is null || time.GetElapsedTime(planned.Value) > (_handingOver ? HandOverPeriod : SecretPeriod);
            due |= secrets.AgainIsDue;
            if (!due)
                continue;
            if (Interlocked.Exchange(ref _gather, 0) == 1)
                await Task.Delay(Gather, TimeProvider.System, cancellationToken);
            try
            {
                (planned, wasSettled) = (time.GetTimestamp(), settled);
                _handingOver = await round.RunAsync(Replan, settled, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.PlanFailed(log, e);
            }
        }
    }

    private async ValueTask ReceiveAsync(ProbeSession session, ResultBatch batch, CancellationToken cancellationToken)
    {
        ReadSecretsAgainWhereRefused(session, batch);
        var count = batch.Results.Count;
        if (!session.Remote)
        {
            await pipeline.WriteAsync(new IncomingResults(batch.Results, session.Hello.Pool, () => session.Acknowledge(batch.Sequence)), cancellationToken);
            return;
        }
        roster.Block(session, true);
        try
        {
            await session.Quota.EnterAsync(count, cancellationToken);
            await _quota.EnterAsync(count, cancellationToken);
            var incoming = new IncomingResults(
                batch.Results,
                session.Hello.Pool,
                () =>
                {
                    session.Quota.Leave(count);
                    _quota.Leave(count);
                    session.Acknowledge(batch.Sequence);
                },
                result => MayReport(session, result) ? null : Admission.NotAssigned);
            await WriteAsync(incoming, count, cancellationToken);
        }
        finally
        {
            roster.Block(session, false);
        }
    }

    // What never came to the pipeline is never acknowledged either.
    private async Task WriteAsync(IncomingResults incoming, int count, CancellationToken cancellationToken)
    {
        try
        {
            await pipeline.WriteAsync(incoming, cancellationToken);
        }
        catch
        {
            _quota.Leave(count);
            throw;
        }
    }

    // A worker tells of what it was given. What it checked before this process gave it anything was given by another leader: of its own pool it is believed.
    private bool MayReport(ProbeSession session, CheckResult result)
    {
        var id = new AssignmentId(result.Uid, result.Location);
        if (session.Checks(id) || roster.EverHad(session, id))
            return true;
        return result.DueTime <= session.AccountableFrom
            && fleet.TryGet(result.Uid, out var state) && state.Monitor is { } monitor && monitor.Spec.Pools.Contains(session.Hello.Pool);
    }

    private void ReplanGathered(bool gather)
    {
        if (gather)
            Interlocked.Exchange(ref _gather, 1);
        Replan();
    }

    // A credential that the target refuses may have been rotated: look before the next period is over.
    private void ReadSecretsAgainWhereRefused(ProbeSession session, ResultBatch batch)
    {
        var again = false;
        foreach (var result in batch.Results)
        {
            if (result.StatusCode is 401 or 403 && (!session.Remote || session.Checks(new(result.Uid, result.Location)))
                && fleet.TryGet(result.Uid, out var state) && state.Monitor is { } monitor)
                again |= secrets.Forget(monitor);
        }
        if (again)
            Replan();
    }
}
