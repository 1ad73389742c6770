using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine.Api.Live;

/// <summary>
/// <c>GET /stream</c>: every reader follows the change feed at its own pace. It begins with all services, unless it says where it was and the feed
/// still reaches back to there; a reader that falls further behind than the feed is long begins anew.
/// </summary>
internal sealed class ServiceStream(Fleet fleet, ChangeFeed feed, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // Ids of another life of the process must not be taken for ones of this.
    private readonly string _epoch = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Writes events until the reader goes or the process stops.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        using var lasts = new CancellationTokenSource(ApiCaller.Of(context).Lasts(time) ?? Timeout.InfiniteTimeSpan, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, lasts.Token);
        var position = Position(context.Request);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would gather events otherwise.
        try
        {
            await FollowAsync(new EventWriter(context.Response.BodyWriter, _epoch), position, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested || context.RequestAborted.IsCancellationRequested)
        {
            // The usual end of a stream.
        }
    }

    private async Task FollowAsync(EventWriter output, long? position, CancellationToken ended)
    {
        var changes = new List<Change>();
        var last = position ?? await BeginAnewAsync(output, ended);
        output.Comment("connected");
        await output.FlushAsync(ended);
        while (true)
        {
            await UntilChangeAsync(output, last, ended);
            changes.Clear();
            if (feed.TryRead(last, changes))
            {
                await SendAsync(output, changes, ended);
                last = changes.Count > 0 ? changes[^1].Sequence : last;
            }
            else
            {
                last = await BeginAnewAsync(output, ended);
            }
            await output.FlushAsync(ended);
            // What changes meanwhile is gathered: a service that changes a hundred times a second is told of four times.
            await Task.Delay(Coalesce, time, ended);
        }
    }

    // A comment now and then keeps proxies from closing what they think is idle, and finds out that a reader has gone.
    private async Task UntilChangeAsync(EventWriter output, long last, CancellationToken ended)
    {
        while (true)
        {
            try
            {
                await feed.WaitAsync(last, ended).WaitAsync(Heartbeat, time, ended);
                return;
            }
            catch (TimeoutException)
            {
                output.Comment("still here");
                await output.FlushAsync(ended);
            }
        }
    }

    // The position is taken before the rows are: a change in between is sent twice, never not at all. The last row alone has an id: a reader that
    // is cut off before it must begin anew again.
    private async Task<long> BeginAnewAsync(EventWriter output, CancellationToken ended)
    {
        var last = feed.Last;
        var states = fleet.ById;
        output.Comment("reset: all services follow");
        await output.EventAsync("reset", states.Count == 0 ? last : null, new StreamReset(states.Count), ended);
        for (var i = 0; i < states.Count; i++)
            await output.EventAsync("service", i == states.Count - 1 ? last : null, ServiceRows.Row(states[i].Snapshot(Now())), ended);
        return last;
    }

    private async Task SendAsync(EventWriter output, List<Change> changes, CancellationToken ended)
    {
        var newest = new Dictionary<long, long>();
        foreach (var change in changes.OfType<ServiceChanged>())
            newest[change.ServiceId] = change.Sequence;
        foreach (var change in changes)
        {
            switch (change)
            {
                case CheckMade check:
                    await output.EventAsync("check", check.Sequence, CheckRows.Row(check.CheckId, check.ServiceId, check.Result), ended);
                    break;
                case ServiceRemoved removed:
                    await output.EventAsync("removed", removed.Sequence, new RemovedRow(removed.ServiceId, removed.Key.Namespace, removed.Key.Name), ended);
                    break;
                case ServiceChanged when newest[change.ServiceId] == change.Sequence && fleet.TryGet(change.ServiceId, out var state):
                    await output.EventAsync("service", change.Sequence, ServiceRows.Row(state.Snapshot(Now())), ended);
                    break;
            }
        }
    }

    private long? Position(HttpRequest request)
    {
        var id = request.Headers["Last-Event-ID"].ToString();
        if (id.Length == 0)
            id = request.Query["last_event_id"].ToString();
        var parts = id.Split('-', 2);
        return parts.Length == 2 && parts[0] == _epoch
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && feed.TryRead(sequence, [])
                ? sequence
                : null;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
