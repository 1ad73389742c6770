using System.Reflection;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe.Link;

/// <summary>
/// The worker: assignments from the link to the scheduler, results from the scheduler to the link. It goes on checking while the link is
/// away. It stops in order: no new checks, the running ones end, their results are acknowledged, the link closes.
/// </summary>
internal sealed class ProbeWorker(
    IProbeLink link, CheckScheduler scheduler, ResultOutbox outbox, IOptions<ProbeOptions> options, TimeProvider time, ProbeMetrics metrics, ILogger<ProbeWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly string Version =
        typeof(ProbeWorker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private readonly ProbeOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Observe(() => scheduler.InFlight, () => scheduler.Assigned, () => outbox.Count);
        using var hangUp = new CancellationTokenSource();
        // Stops the checks also where the link ends by a bug: nobody would take their results.
        using var stopChecks = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var checking = scheduler.RunAsync(stopChecks.Token);
        var talking = TalkAsync(hangUp.Token);
        await Task.WhenAny(checking, talking).ConfigureAwait(false);

        await stopChecks.CancelAsync().ConfigureAwait(false);
        try
        {
            await checking.ConfigureAwait(false);
            var abandoned = await scheduler.DrainAsync(_options.DrainTimeout).ConfigureAwait(false);
            await FlushAsync(talking).ConfigureAwait(false);
            if (abandoned > 0 || outbox.Count > 0)
                Log.StoppedShort(logger, abandoned, outbox.Count);
        }
        finally
        {
            await hangUp.CancelAsync().ConfigureAwait(false);
            await talking.ConfigureAwait(false);
        }
    }

    private async Task FlushAsync(Task talking)
    {
        try
        {
            await Task.WhenAny(outbox.WhenEmptyAsync(), talking).WaitAsync(_options.FlushTimeout, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is left is said in the log.
        }
    }

    /// <summary>One connection after the other, until hung up.</summary>
    private async Task TalkAsync(CancellationToken hangUp)
    {
        var backoff = new Backoff(Random.Shared);
        var hello = new WorkerHello(_options.WorkerId, _options.Pool, Version);
        while (!hangUp.IsCancellationRequested)
        {
            string reason;
            try
            {
                await using var connection = await link.ConnectAsync(hello, hangUp).ConfigureAwait(false);
                Log.Connected(logger, _options.WorkerId, _options.Pool);
                outbox.Rewind();
                await ServeAsync(connection, backoff, hangUp).ConfigureAwait(false);
                reason = "it closed the connection";
            }
            catch (IOException e)
            {
                reason = e.Message;
            }
            catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
            {
                return;
            }
            if (hangUp.IsCancellationRequested)
                return;
            var delay = backoff.Next();
            Log.Away(logger, delay, reason);
            await Task.Delay(delay, time, hangUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Listens, sends results and shows signs of life until one of the three ends; the others end with it.</summary>
    private async Task ServeAsync(IProbeConnection connection, Backoff backoff, CancellationToken hangUp)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(hangUp);
        using var sending = new SemaphoreSlim(1);
        Task[] parts =
        [
            ListenAsync(connection, backoff, session.Token),
            SendResultsAsync(connection, sending, session.Token),
            SendHeartbeatsAsync(connection, sending, session.Token),
        ];
        await Task.WhenAny(parts).ConfigureAwait(false);
        await session.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(parts).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (session.IsCancellationRequested)
        {
            // The parts that were told to end; a part that failed would have come first.
        }
    }

    private async Task ListenAsync(IProbeConnection connection, Backoff backoff, CancellationToken cancellationToken)
    {
        var revision = long.MinValue;
        await foreach (var message in connection.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            backoff.Reset();
            switch (message)
            {
                case AssignmentsChanged change when change.Full || change.Revision > revision:
                    revision = change.Revision;
                    scheduler.Apply(change);
                    break;
                case AssignmentsChanged change:
                    Log.RevisionWentBack(logger, change.Revision, revision);
                    break;
                case ResultsAcknowledged acknowledged:
                    outbox.Acknowledge(acknowledged.Sequence);
                    break;
                case RunNow request when !scheduler.RunNow(request):
                    Log.NotRun(logger, request.Id);
                    break;
            }
        }
    }

    private async Task SendResultsAsync(IProbeConnection connection, SemaphoreSlim sending, CancellationToken cancellationToken)
    {
        while (true)
        {
            await outbox.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (outbox.Count < ResultOutbox.BatchSize)
                await Task.Delay(Gather, time, cancellationToken).ConfigureAwait(false);
            while (outbox.Take() is { } batch)
                await SendAsync(connection, sending, batch, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SendHeartbeatsAsync(IProbeConnection connection, SemaphoreSlim sending, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HeartbeatEvery, time);
        do
        {
            var heartbeat = new WorkerHeartbeat(
                time.GetUtcNow().ToUnixTimeMilliseconds(), scheduler.InFlight, scheduler.Assigned, scheduler.Missed,
                scheduler.TakeLagP99(), outbox.Count, outbox.Dropped);
            await SendAsync(connection, sending, heartbeat, cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private static async Task SendAsync(IProbeConnection connection, SemaphoreSlim sending, WorkerMessage message, CancellationToken cancellationToken)
    {
        await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }
}
