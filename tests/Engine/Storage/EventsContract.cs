using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>What every driver must do with events, cursors and the checks as somebody who tails them reads them.</summary>
public abstract class EventsContract : ResultStoreContract
{
    private static readonly MonitorKey Shop = new("shop", "cart");

    [Fact]
    public async Task SaveHealth_WithChanges_AreReadInOrderAndOnceAKey()
    {
        await Store.SaveHealthAsync([], [Event("a", 1), Event("b", 2), Event("a", 3), Event("x", 4, topic: "other")], Cancelled);
        await Store.Alerts.SaveAlertsAsync(new AlertChanges([], [], []) { Events = [Event("c", 5), Event("b", 6)] }, Cancelled);
        await ReopenAsync();

        var all = await Store.Events.ReadEventsAsync("topic", 0, 10, Cancelled);
        Assert.Equal([Event("a", 1), Event("b", 2), Event("c", 5)], all.Select(e => e.Event));
        Assert.Equal([all[1]], await Store.Events.ReadEventsAsync("topic", all[0].Position, 1, Cancelled));
        Assert.Equal(all[2].Position, await Store.Events.ReadLastEventAsync("topic", Cancelled));
        Assert.Equal(0, await Store.Events.ReadLastEventAsync("none", Cancelled));
    }

    [Fact]
    public async Task SaveHealth_HundredsOfChanges_AreAllThereInOrder()
    {
        NewEvent[] events = [.. Enumerable.Range(0, 501).Select(i => Event($"e-{i}", i)), Event("e-7", 999)];
        await Store.SaveHealthAsync([], events, Cancelled);

        Assert.Equal(events[..^1], (await Store.Events.ReadEventsAsync("topic", 0, 1000, Cancelled)).Select(e => e.Event));
    }

    [Fact]
    public async Task Cursor_Saved_IsWhatWasSavedLast()
    {
        Assert.Null(await Store.Events.ReadCursorAsync("a", Cancelled));
        await Store.Events.SaveCursorAsync("a", 0, Cancelled);
        await Store.Events.SaveCursorAsync("b", 7, Cancelled);
        await Store.Events.SaveCursorAsync("a", 9, Cancelled);
        await ReopenAsync();

        Assert.Equal((9, 7), (await Store.Events.ReadCursorAsync("a", Cancelled), await Store.Events.ReadCursorAsync("b", Cancelled)));
    }

    [Fact]
    public async Task ReadChecksAfter_AcrossServicesAndDays_GivesEachWithItsMonitorInOrderOfStoring()
    {
        Assert.Equal(0, await Store.Events.ReadLastCheckAsync(Cancelled));
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b", "other")], Cancelled);
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        NewCheck[] first = [Check(2, Start, Outcome.Error, message: "no"), Check(1, Start - day)];
        await Store.AppendChecksAsync(first, Cancelled);
        await Store.AppendChecksAsync([.. first, Check(1, Start - (2 * day), generation: 3, kind: CheckKind.Manual)], Cancelled); // two are there already

        var all = await Store.Events.ReadChecksAfterAsync(0, 10, Cancelled);
        Assert.Equal(["other/b", "default/a", "default/a"], all.Select(c => c.Monitor.ToString()));
        Assert.Equal([Start, Start - day, Start - (2 * day)], all.Select(c => c.Check.Result.DueTime));
        Assert.Equal(first[0].Result with { Uid = "" }, all[0].Check.Result);
        Assert.Equal((CheckKind.Manual, 3, 1), (all[2].Check.Result.Kind, all[2].Check.Result.Generation, all[2].Check.ServiceId));
        Assert.Equal(all[2].Check.Id, Assert.Single(await Store.Events.ReadChecksAfterAsync(all[1].Check.Id, 5, Cancelled)).Check.Id);
        Assert.True(await Store.Events.ReadLastCheckAsync(Cancelled) >= all[2].Check.Id);
        Assert.Equal(1, await Store.Events.CountChecksAsync(all[0].Check.Id, Start - day, Cancelled));
    }

    [Fact]
    public async Task ReadChecksAfter_WhileSeveralWrite_SkipsNone()
    {
        await Store.SaveMonitorsAsync([.. Enumerable.Range(0, 4).Select(i => NewMonitor($"m-{i}"))], Cancelled);
        var others = new List<IResultStore> { Store, await OpenAsync(), await OpenAsync() };
        using var done = new CancellationTokenSource();
        var tail = Task.Run(
            async () =>
            {
                var (seen, last) = (new List<long>(), 0L);
                while (true)
                {
                    var finished = done.IsCancellationRequested;
                    var page = await Store.Events.ReadChecksAfterAsync(last, 7, Cancelled);
                    seen.AddRange(page.Select(c => c.Check.Id));
                    last = page.Count > 0 ? page[^1].Check.Id : last;
                    if (finished && page.Count == 0)
                        return seen;
                }
            },
            Cancelled);
        var written = await Task.WhenAll(others.Select((store, writer) => Task.Run(
            async () =>
            {
                var ids = new List<long>();
                for (var i = 0; i < 40; i++)
                    ids.AddRange(await store.AppendChecksAsync([.. Enumerable.Range(0, 5).Select(k => Check(1 + (k % 4), Start + (i * 100) + (k * 10), location: $"l-{writer}"))], Cancelled));
                return ids;
            },
            Cancelled)));
        await done.CancelAsync();

        Assert.Equal(written.SelectMany(ids => ids).Order(), await tail);
    }

    [Fact]
    public async Task DeleteEventsBefore_OldOnes_Go()
    {
        await Store.SaveHealthAsync([], [Event("a", 1), Event("b", 2), Event("c", 3)], Cancelled);

        Assert.Equal(2, await Store.Events.DeleteEventsBeforeAsync(3, Cancelled));
        Assert.Equal("c", Assert.Single(await Store.Events.ReadEventsAsync("topic", 0, 10, Cancelled)).Event.Key);
    }

    private static NewEvent Event(string key, long at, string topic = "topic") => new(topic, key, Shop, at, """{"ü":1}""");
}
