using System.Net.ServerSentEvents;
using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// Keeps the <see cref="Fleet"/> in step with the API's stream of events, which begins with all services, or goes on after the last event that
/// was read. Tries again for ever, at most every 5 s.
/// </summary>
internal sealed class FleetStream(HealthTrackClient client, Fleet fleet, TimeProvider time, ILogger<FleetStream> logger) : BackgroundService
{
    // A quiet stream may be a quiet fleet or a dead peer: after this long the API is asked.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly StreamEvents _reader = new();
    private string? _lastEventId;

    // The services of a reset that has begun, until all have come; null: no reset is under way.
    private List<HeldRow>? _arriving;
    private int _awaited;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var failures = 0;
        string? warned = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var reason = "the stream ended";
            var begun = time.GetTimestamp();
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                reason = e is OperationCanceledException ? "no answer in time" : e.Message;
            }
            // An API that takes the connection only to drop it must not send its whole fleet four times a second.
            if (time.GetElapsedTime(begun) > LongestPause)
                (pause, failures, warned) = (FirstPause, 0, null);
            fleet.Away();
            // One stream that ends is followed by the next, as at every stop of the API; only when that fails too is it worth a warning.
            if (failures++ > 0 && reason != warned)
            {
                Log.StreamAway(logger, client.Api, reason);
                warned = reason;
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // Returns when the stream ends; throws where it breaks, or never opens.
    private async Task FollowAsync(CancellationToken stop)
    {
        using var response = await client.OpenStreamAsync(_lastEventId, stop);
        // What of a reset came before an earlier stream broke off is worth nothing.
        _arriving = null;
        // Either exactly what was missed follows, or at once a reset.
        if (_lastEventId is not null)
            Live(fleet.Live);

        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var body = await response.Content.ReadAsStreamAsync(reading.Token);
        await using var events = SseParser.Create(body, _reader.Read).EnumerateAsync(reading.Token).GetAsyncEnumerator(reading.Token);
        while (true)
        {
            var next = events.MoveNextAsync().AsTask();
            try
            {
                while (await QuietAsync(next, stop))
                    await client.PingAsync(stop);
            }
            finally
            {
                // An iterator must not be disposed while it moves.
                if (!next.IsCompleted)
                {
                    await reading.CancelAsync();
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            if (!await next)
                return;
            Apply(events.Current);
        }
    }

    // True where nothing was heard for a while.
    private async Task<bool> QuietAsync(Task<bool> next, CancellationToken stop)
    {
        if (next.IsCompleted)
            return false;
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var quiet = Task.Delay(Quiet, time, heard.Token);
        var first = await Task.WhenAny(next, quiet);
        await heard.CancelAsync();
        stop.ThrowIfCancellationRequested();
        return first == quiet;
    }

    // One event that cannot be read must not cost the others.
    private void Apply(SseItem<object?> item)
    {
        try
        {
            switch (item.Data)
            {
                case null when item.EventType == "reset":
                    Begin(null);
                    break;
                case StreamReset reset:
                    Begin(reset);
                    break;
                case ServiceRow service when _arriving is null:
                    fleet.Put(service);
                    break;
                case ServiceRow service:
                    _arriving.Add(fleet.Hold(service));
                    break;
                case CheckRow check:
                    fleet.Put(check);
                    break;
                case RemovedRow removed:
                    fleet.Remove(removed.Id);
                    break;
                case JsonException unreadable:
                    throw unreadable;
            }
        }
        catch (JsonException e)
        {
            Log.EventUnreadable(logger, e.Message);
        }
        // A row that cannot be read counts too: the reset ends where the API said it does.
        if (item.EventType == "service" && _arriving is not null)
            _awaited--;
        if (_arriving is not null && _awaited == 0)
            End(_arriving);
        if (!string.IsNullOrEmpty(item.EventId))
            _lastEventId = item.EventId;
    }

    // Until its last row is here, pages show what was known before.
    private void Begin(StreamReset? reset)
    {
        if (reset is not { Services: >= 0 })
            throw new JsonException("a reset that does not say how many services follow");
        (_arriving, _awaited) = ([], reset.Services);
    }

    private void End(List<HeldRow> services)
    {
        _arriving = null;
        Live(() => fleet.Load(services));
    }

    private void Live(Action change)
    {
        var wasLive = fleet.Status().Link == LinkState.Live;
        change();
        if (!wasLive)
            Log.StreamLive(logger, fleet.Status().Services, client.Api);
    }
}
