using System.Reflection;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Admin;
using HealthTrack.Probe.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe.Link;

/// <summary>
/// The worker: assignments from the link to the scheduler, results from the scheduler to the link. It goes on checking while the link is
/// away. It stops in order: its checks are handed over, no new ones, the running ones end, their results are acknowledged, or in the spool, the link closes.
/// </summary>
internal sealed class ProbeWorker(
    IProbeLink link, CheckScheduler scheduler, ResultOutbox outbox, SpoolWriter spool, LinkState state, IOptions<ProbeOptions> options, TimeProvider time,
    ProbeMetrics metrics, ILogger<ProbeWorker> logger, LoadMeter? load = null)
    : BackgroundService
{
    // The same reason is not said at each of many attempts.
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromMinutes(1);

    private static readonly string Version =
        typeof(ProbeWorker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private readonly ProbeOptions _options = options.Value;
    private (string Reason, long At)? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Observe(() => scheduler.InFlight, () => scheduler.Assigned, () => outbox.Count);
        using var handOver = new HandOver();
        using var hangUp = new CancellationTokenSource();
        using var stopChecks = new CancellationTokenSource();
        var checking = scheduler.RunAsync(stopChecks.Token);
        var spooling = spool.RunAsync(hangUp.Token);
        var talking = TalkAsync(handOver, hangUp.Token);
        // The checks stop also where the link or the spool ends by a bug: nobody would take their results.
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopping = stoppingToken.Register(() => stopped.TrySetResult());
        await Task.WhenAny(checking, talking, spooling, stopped.Task).ConfigureAwait(false);

        await HandOverAsync(handOver, talking).ConfigureAwait(false);
        await stopChecks.CancelAsync().ConfigureAwait(false);
        try
        {
            await checking.ConfigureAwait(false);
            var abandoned = await scheduler.DrainAsync(_options.DrainTimeout).ConfigureAwait(false);
            await FlushAsync(talking).ConfigureAwait(false);
            await hangUp.CancelAsync().ConfigureAwait(false);
            await spooling.ConfigureAwait(false);
            var (left, kept) = (outbox.Count, spool.Finish());
            if (left > 0 && kept)
                Log.LeftInSpool(logger, left);
            if (abandoned > 0 || (left > 0 && !kept))
                Log.StoppedShort(logger, abandoned, kept ? 0 : left);
        }
        finally
        {
            await hangUp.CancelAsync().ConfigureAwait(false);
            await talking.ConfigureAwait(false);
        }
    }

    // Nothing that is checked, nothing to hand over.
    private async Task HandOverAsync(HandOver handOver, Task talking)
    {
        if (_options.HandOverTimeout == TimeSpan.Zero || scheduler.Assigned == 0 || talking.IsCompleted)
            return;
        await handOver.BeginAsync().ConfigureAwait(false);
        Log.Leaving(logger, scheduler.Assigned);
        if (!await handOver.WaitAsync(talking, _options.HandOverTimeout, time).ConfigureAwait(false))
            Log.NotHandedOver(logger, _options.HandOverTimeout, scheduler.Assigned);
    }

    // What is in the spool needs no control plane that is away.
    private async Task FlushAsync(Task talking)
    {
        if (!state.Now.Connected && spool is { IsThere: true, Problem: null })
            return;
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
    private async Task TalkAsync(HandOver handOver, CancellationToken hangUp)
    {
        var backoff = new Backoff(Random.Shared);
        var hello = new WorkerHello(_options.WorkerId, _options.Pool, Version) { Capacity = _options.Capacity };
        while (!hangUp.IsCancellationRequested)
        {
            var reason = "it closed the connection";
            var refused = false;
            try
            {
                await using var connection = await link.ConnectAsync(hello with { LastSequence = outbox.LastSequence }, hangUp).ConfigureAwait(false);
                Log.Connected(logger, _options.WorkerId, _options.Pool);
                _said = null;
                state.Up();
                using var session = new LinkSession(connection, scheduler, outbox, handOver, backoff, time, logger, load);
                await session.RunAsync(hangUp).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                (reason, refused) = (e.Message, e is LinkRefusedException);
            }
            catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
            {
                return;
            }
            if (hangUp.IsCancellationRequested)
                return;
            state.Down(reason);
            var delay = refused ? backoff.Refused() : backoff.Next();
            Say(delay, reason);
            await Task.Delay(delay, time, hangUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Say(TimeSpan delay, string reason)
    {
        if (_said is { } said && said.Reason == reason && time.GetElapsedTime(said.At) < SayAgainAfter)
            return;
        _said = (reason, time.GetTimestamp());
        Log.Away(logger, delay, reason);
    }
}
