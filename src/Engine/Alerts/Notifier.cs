using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts.Channels;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>
/// Takes notifications from the outbox to their channels: those of one alert to one channel in order, several lanes at once, each tried again with backoff until it
/// arrives or nobody can want it any more.
/// </summary>
internal sealed class Notifier(
    Outbox outbox, IChannelDirectory directory, ISecretSource secrets, IEnumerable<INotificationSender> senders, IDeliveryClaims claims, AlertMetrics metrics,
    TimeProvider time, ILogger<Notifier> log) : BackgroundService
{
    // To one channel: a receiver that hangs holds up no other.
    private const int MaxAtOnce = 4;

    private const int MaxRefusals = 10;
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);
    private static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, INotificationSender> _senders = senders.ToDictionary(s => s.Type);
    private readonly Dictionary<(string Alert, ChannelKey Channel), Lane> _lanes = [];
    private readonly ConcurrentDictionary<ChannelKey, SemaphoreSlim> _slots = new();
    private readonly Lock _gate = new();

    /// <summary>Sends one message past the outbox.</summary>
    /// <returns>What went wrong; null where it arrived.</returns>
    public async Task<string?> TestAsync(NotificationChannel channel, Notification notification, CancellationToken cancellationToken)
    {
        var attempt = await SendAsync(channel, notification, cancellationToken);
        directory.Delivered(channel.Key, Now(), attempt.Result == SendResult.Arrived ? null : attempt.Problem);
        return attempt.Result == SendResult.Arrived ? null : attempt.Problem;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        var pinging = PingAsync(stoppingToken);
        try
        {
            await foreach (var arrived in outbox.Ready.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                running.RemoveAll(task => task.IsCompleted);
                if (Queue(arrived) is { } lane)
                    running.Add(RunAsync(lane, stoppingToken));
            }
        }
        finally
        {
            // What became of a delivery under way is known before the outbox writes for the last time.
            await Task.WhenAll(running);
            await pinging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // That nobody keeps two processes from telling the same is to be seen before there is something to tell.
    private async Task PingAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PingEvery, time);
        do
            await claims.PingAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // A lane that is new is to be run; one that runs takes this one up by itself.
    private Lane? Queue(QueuedNotification arrived)
    {
        lock (_gate)
        {
            var key = (arrived.Notification.AlertId, arrived.Notification.Channel);
            var fresh = !_lanes.TryGetValue(key, out var lane);
            if (fresh)
                _lanes[key] = lane = new Lane(key);
            lane!.Waiting.Enqueue(arrived);
            metrics.Waiting(_lanes.Values.Sum(l => l.Waiting.Count));
            return fresh ? lane : null;
        }
    }

    private async Task RunAsync(Lane lane, CancellationToken stoppingToken)
    {
        try
        {
            for (var broken = 0; Head(lane) is { } queued;)
            {
                try
                {
                    await DeliverAsync(queued, stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // A defect must not silence a channel: what was to be told is tried again like what did not arrive.
                    Log.DeliveryBroke(log, e, queued.Notification.Id, queued.Notification.Channel);
                    await Task.Delay(Backoff(++broken), time, stoppingToken);
                    continue;
                }
                broken = 0;
                lock (_gate)
                {
                    lane.Waiting.Dequeue();
                    metrics.Waiting(_lanes.Values.Sum(l => l.Waiting.Count));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is in the outbox for the next life.
        }
    }

    private QueuedNotification? Head(Lane lane)
    {
        lock (_gate)
        {
            if (lane.Waiting.TryPeek(out var head))
                return head;
            _lanes.Remove(lane.Key);
            return null;
        }
    }

    private async Task DeliverAsync(QueuedNotification queued, CancellationToken cancellationToken)
    {
        var (notification, attempts, refusals) = (queued.Notification, queued.Attempts, 0);
        await DelayUntilAsync(queued.NotBefore, cancellationToken);
        while (true)
        {
            attempts++;
            var attempt = await TryAsync(notification, cancellationToken);
            if (attempt.Result == SendResult.Arrived)
            {
                Ended(notification, attempt.Type, DeliveryState.Sent, attempts, null);
                Log.Sent(log, notification.Channel, NotificationText.Title(notification), notification.Id);
                return;
            }
            if (attempt.Result == SendResult.SentByAnother)
            {
                Ended(notification, attempt.Type, DeliveryState.Suppressed, attempts, null);
                return;
            }
            // A channel that is not known is missing only once all of them are.
            refusals = attempt.Result == SendResult.Refused || (attempt.Result == SendResult.NoChannel && directory.FirstSync.IsCompleted) ? refusals + 1 : 0;
            if (refusals >= MaxRefusals || Now() - notification.DecidedAt > GiveUpAfter.TotalMilliseconds)
            {
                Ended(notification, attempt.Type, DeliveryState.Failed, attempts, attempt.Problem);
                Log.GaveUp(log, notification.Channel, notification.Id, attempts, attempt.Problem);
                return;
            }
            await WaitAsync(notification, attempt, attempts, cancellationToken);
        }
    }

    private async Task WaitAsync(Notification notification, Attempt attempt, int attempts, CancellationToken cancellationToken)
    {
        var delay = attempt.RetryAfter ?? Backoff(attempts);
        metrics.Notified(attempt.Type, "retried");
        if (attempt.Result != SendResult.HeldByAnother)
        {
            var now = Now();
            directory.Delivered(notification.Channel, now, attempt.Problem);
            Log.SendFailed(log, notification.Channel, notification.Id, delay, attempt.Problem);
            outbox.Add(new DeliveryRecord(
                notification.Id, notification.Channel, DeliveryState.Waiting, attempts, now + (long)delay.TotalMilliseconds, attempt.Problem));
        }
        await Task.Delay(delay, time, cancellationToken);
    }

    private async Task<Attempt> TryAsync(Notification notification, CancellationToken cancellationToken)
    {
        var slots = _slots.GetOrAdd(notification.Channel, _ => new SemaphoreSlim(MaxAtOnce));
        await slots.WaitAsync(cancellationToken);
        try
        {
            return directory.Find(notification.Channel) is { } channel
                ? await SendOnceAsync(channel, notification, cancellationToken)
                : new(SendResult.NoChannel, "none", "The channel does not exist any more, or is wrong.");
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<Attempt> SendOnceAsync(NotificationChannel channel, Notification notification, CancellationToken cancellationToken)
    {
        if (outbox.IsFenced)
            return new(SendResult.HeldByAnother, channel.Type, "Another process leads now.", MaxDelay);
        var claim = $"{notification.Id}/{notification.Channel}";
        switch (await claims.TakeAsync(claim, cancellationToken))
        {
            case ClaimAnswer.Done:
                return new(SendResult.SentByAnother, channel.Type, "");
            case ClaimAnswer.Held:
                return new(SendResult.HeldByAnother, channel.Type, "Another process is sending it.", TimeSpan.FromSeconds(5));
        }
        var sent = await SendAsync(channel, notification, cancellationToken);
        // An answer that has come is remembered also where the process is about to stop.
        if (sent.Result == SendResult.Arrived)
            await claims.ConfirmAsync(claim, CancellationToken.None);
        else
            await claims.ReleaseAsync(claim, CancellationToken.None);
        return sent;
    }

    private async Task<Attempt> SendAsync(NotificationChannel channel, Notification notification, CancellationToken cancellationToken)
    {
        if (!_senders.TryGetValue(channel.Type, out var sender))
            return new(SendResult.NoChannel, channel.Type, $"This version cannot send to channels of type {channel.Type}.");
        try
        {
            return await secrets.GetAsync(channel.Key.Namespace, channel.Address, cancellationToken) is { } address
                ? await sender.SendAsync(channel, address.Trim(), notification, cancellationToken)
                : new(SendResult.Failed, channel.Type, $"The secret {channel.Key.Namespace}/{channel.Address.Name} has no key {channel.Address.Key}, or may not be read.");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.DeliveryBroke(log, e, notification.Id, notification.Channel);
            return new(SendResult.Failed, channel.Type, "The secret cannot be read now, or a defect: see the log.");
        }
    }

    private void Ended(Notification notification, string type, DeliveryState state, int attempts, string? problem)
    {
        var now = Now();
        metrics.Notified(type, state switch
        {
            DeliveryState.Sent => "sent",
            DeliveryState.Suppressed => "suppressed",
            _ => "failed",
        });
        outbox.Add(new DeliveryRecord(notification.Id, notification.Channel, state, attempts, now, problem));
        if (state != DeliveryState.Suppressed)
            directory.Delivered(notification.Channel, now, problem);
    }

    private async Task DelayUntilAsync(long instant, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(Math.Clamp(instant - Now(), 0, (long)HttpPost.LongestRetryAfter.TotalMilliseconds));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    // 1, 2, 4, ... s up to 5 min, a fifth more or less, so that those who failed together do not come back together.
    private static TimeSpan Backoff(int attempts)
    {
        var delay = MinDelay * Math.Pow(2, Math.Min(attempts - 1, 20));
        return (delay < MaxDelay ? delay : MaxDelay) * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Lane((string Alert, ChannelKey Channel) key)
    {
        public (string Alert, ChannelKey Channel) Key => key;

        public Queue<QueuedNotification> Waiting { get; } = new();
    }
}
