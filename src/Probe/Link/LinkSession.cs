using System.Threading.Channels;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Admin;
using HealthTrack.Probe.Scheduling;
using HealthTrack.Probe.Spooling;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Link;

/// <summary>One connection, from its hello to its end: takes assignments, sends results, answers and signs of life.</summary>
internal sealed class LinkSession(
    IProbeConnection connection, CheckScheduler scheduler, ResultOutbox outbox, HandOver handOver, Backoff backoff, TimeProvider time, ILogger logger,
    LoadMeter? load = null)
    : IDisposable
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _sending = new(1);

    // Said once, not at each attempt.
    private bool _unreadable;

    // Who listens never waits for a control plane that is slow to take what it is sent.
    private readonly Channel<WorkerMessage> _answers = Channel.CreateUnbounded<WorkerMessage>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Runs until the other side goes, or hung up; its parts end together.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    /// <exception cref="OperationCanceledException">Hung up.</exception>
    public async Task RunAsync(CancellationToken hangUp)
    {
        outbox.Rewind();
        using var session = CancellationTokenSource.CreateLinkedTokenSource(hangUp);
        using var leaving = handOver.Begun.Register(() => _answers.Writer.TryWrite(new WorkerLeaving("the worker was told to stop")));
        Task[] parts =
        [
            ListenAsync(session.Token),
            SendAnswersAsync(session.Token),
            SendResultsAsync(session.Token),
            SendHeartbeatsAsync(session.Token),
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

    public void Dispose() => _sending.Dispose();

    private async Task ListenAsync(CancellationToken cancellationToken)
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
                    _answers.Writer.TryWrite(new AssignmentsApplied(change.Revision, []));
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
                case Drain drain:
                    handOver.End(drain.Reason);
                    break;
            }
        }
    }

    private async Task SendAnswersAsync(CancellationToken cancellationToken)
    {
        await foreach (var answer in _answers.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await SendAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendResultsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await outbox.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!outbox.HasMuchToSend)
                await Task.Delay(Gather, time, cancellationToken).ConfigureAwait(false);
            try
            {
                while (outbox.Take() is { } batch)
                {
                    _unreadable = false;
                    await SendAsync(batch, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (SpoolUnreadableException e)
            {
                if (!_unreadable)
                    Log.SpoolUnreadable(logger, e.Message);
                _unreadable = true;
                await Task.Delay(ReadAgainAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendHeartbeatsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HeartbeatEvery, time);
        do
        {
            var heartbeat = new WorkerHeartbeat(
                time.GetUtcNow().ToUnixTimeMilliseconds(), scheduler.InFlight, scheduler.Assigned, scheduler.Missed,
                scheduler.TakeLagP99(), outbox.Count, outbox.Dropped)
            {
                Load = load?.Load,
            };
            await SendAsync(heartbeat, cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task SendAsync(WorkerMessage message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
