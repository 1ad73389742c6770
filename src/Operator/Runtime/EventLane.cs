using System.Threading.Channels;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Events wait here and are written one after another, behind whatever else is written: a thousand of them at once must not keep a status from its
/// resource. An event says when it was written. Its <see cref="PublishAsync"/> is an <see cref="EventPublisher"/> that never waits.
/// </summary>
/// <param name="write">Writes one.</param>
/// <param name="othersWait">Whether something that matters more waits to be written. An event lets it go first, but not for longer than half a minute.</param>
/// <param name="time">The clock of that.</param>
/// <param name="log">Says what was lost.</param>
internal sealed class EventLane(EventPublisher write, Func<bool> othersWait, TimeProvider time, ILogger<EventLane> log) : BackgroundService
{
    private const int Most = 10_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Most) { SingleReader = true });

    /// <inheritdoc cref="EventPublisher"/>
    public Task PublishAsync(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        if (!_waiting.Writer.TryWrite(new Waiting(entity, reason, message, type, time.GetTimestamp())))
            Log.EventLost(log, entity.Kind, ResourceKey.Of(entity), $"{Most} others wait already.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                while (_waiting.Reader.TryPeek(out var first) && othersWait() && time.GetElapsedTime(first.Since) < LongestWait)
                    await Task.Delay(BetweenLooks, time, stoppingToken);
                if (_waiting.Reader.TryRead(out var next))
                    await WriteAsync(next, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteRestAsync();
        }
    }

    // Their statuses are written: whoever leads next sees no change and says nothing.
    private async Task WriteRestAsync()
    {
        using var limit = new CancellationTokenSource(LastWords, time);
        while (!limit.IsCancellationRequested && _waiting.Reader.TryRead(out var next))
            await WriteAsync(next, limit.Token);
        while (_waiting.Reader.TryRead(out var lost))
            Log.EventLost(log, lost.Entity.Kind, ResourceKey.Of(lost.Entity), "The operator stops.");
    }

    private async Task WriteAsync(Waiting next, CancellationToken cancellationToken)
    {
        try
        {
            await write(next.Entity, next.Reason, next.Message, next.Type, cancellationToken);
        }
        // Nothing depends on an event, and none keeps the next from being written.
        catch (Exception e)
        {
            Log.EventLost(log, next.Entity.Kind, ResourceKey.Of(next.Entity), e.Message);
        }
    }

    private sealed record Waiting(IKubernetesObject<V1ObjectMeta> Entity, string Reason, string Message, EventType Type, long Since);
}
