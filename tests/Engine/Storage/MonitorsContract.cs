using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>The contract's part about monitors, their ids and their health.</summary>
public abstract class MonitorsContract : ResultStoreContract
{
    [Fact]
    public async Task SaveWorkers_ConnectedAndGone_AreRememberedAndForgotten()
    {
        Assert.Empty(await Store.ReadWorkersAsync(Cancelled));
        StoredWorker[] workers = [new("b", "far", 3, Start), new("a", "default", 1, Start + 1)];
        await Store.SaveWorkersAsync(workers, [], Cancelled);
        await Store.SaveWorkersAsync([], [], Cancelled);
        await ReopenAsync();
        Assert.Equal([workers[1], workers[0]], await Store.ReadWorkersAsync(Cancelled));

        await Store.SaveWorkersAsync([workers[0] with { Pool = "near", ConnectedAt = Start + 9 }, new("c", "x", 1, Start)], ["a", "c", "never there"], Cancelled);
        Assert.Equal([workers[0] with { Pool = "near", ConnectedAt = Start + 9 }], await Store.ReadWorkersAsync(Cancelled));
    }

    [Fact]
    public async Task SaveBlindTimes_BegunAndOver_AreRememberedAndForgotten()
    {
        Assert.Empty(await Store.ReadBlindTimesAsync(Cancelled));
        BlindTime[] times = [new("paris", Start, null), new("oslo", Start + 5, Start + 9), new("oslo", Start + 1, Start + 4)];
        await Store.SaveBlindTimesAsync(times, Start, Cancelled);
        await Store.SaveBlindTimesAsync([], Start, Cancelled);
        await ReopenAsync();
        Assert.Equal([times[2], times[1], times[0]], await Store.ReadBlindTimesAsync(Cancelled));

        await Store.SaveBlindTimesAsync([times[0] with { Until = Start + 5 }, times[0] with { Until = Start + 20 }], Start + 9, Cancelled);
        Assert.Equal([times[1], times[0] with { Until = Start + 20 }], await Store.ReadBlindTimesAsync(Cancelled));
    }

    [Fact]
    public async Task SaveMonitors_NewOnes_GetIdsFromOneUpwards()
    {
        Assert.Equal([1, 2], await Store.SaveMonitorsAsync([NewMonitor("b"), NewMonitor("a")], Cancelled));
        Assert.Equal([3], await Store.SaveMonitorsAsync([NewMonitor("a", "other")], Cancelled));
    }

    [Fact]
    public async Task SaveMonitors_KnownAmongNew_KeepTheirIdsAndWasteNone()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        for (var i = 0; i < 10; i++)
            Assert.Equal([2, 1], await Store.SaveMonitorsAsync([NewMonitor("b"), NewMonitor("a")], Cancelled));

        Assert.Equal([2, 3], await Store.SaveMonitorsAsync([NewMonitor("b"), NewMonitor("c")], Cancelled));
    }

    [Fact]
    public async Task SaveMonitors_OneTwiceInABatch_IsOneIdAndTheLastWins()
    {
        var ids = await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("a") with { Generation = 7 }], Cancelled);

        Assert.Equal([1, 1], ids);
        Assert.Equal(7, Assert.Single(await Store.ReadMonitorsAsync(Cancelled)).Generation);
    }

    [Fact]
    public async Task ReadMonitors_AfterSave_GivesWhatWasWritten()
    {
        var written = NewMonitor("a") with
        {
            Uid = "u-1", Generation = 4, Manifest = """{"ü":"日本 🚀"}""", CountsFrom = Start, CountsFromGeneration = 3, DeletedAt = Start + 1,
        };
        await Store.SaveMonitorsAsync([written], Cancelled);
        await ReopenAsync();

        Assert.Equal([written with { Id = 1 }], await Store.ReadMonitorsAsync(Cancelled));
    }

    [Fact]
    public async Task ReadMonitors_Several_AreInOrderOfIds()
    {
        await Store.SaveMonitorsAsync([NewMonitor("c"), NewMonitor("a"), NewMonitor("b")], Cancelled);

        Assert.Equal(["c", "a", "b"], (await Store.ReadMonitorsAsync(Cancelled)).Select(monitor => monitor.Key.Name));
    }

    [Fact]
    public async Task SaveMonitors_DeletedAndMadeAgain_IsTheSameIdWithItsHistory()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        await Store.AppendChecksAsync([Check(1, Start)], Cancelled);
        await Store.SaveMonitorsAsync([NewMonitor("a") with { DeletedAt = Start + 1 }], Cancelled);
        await ReopenAsync();

        Assert.Equal([1], await Store.SaveMonitorsAsync([NewMonitor("a") with { Uid = "second" }], Cancelled));
        Assert.Null((await Store.ReadMonitorsAsync(Cancelled))[0].DeletedAt);
        Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled));
    }

    [Fact]
    public async Task SaveMonitors_NewAfterRetentionTookTheNewest_GetsAnIdNeverUsed()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b") with { DeletedAt = Start }], Cancelled);
        await Store.DeleteBeforeAsync(Start + 1, Cancelled);
        await ReopenAsync();

        Assert.Equal([3], await Store.SaveMonitorsAsync([NewMonitor("b")], Cancelled));
    }

    [Fact]
    public async Task SaveHealth_AfterReopen_IsWhatWasMarkedLast()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        await Store.SaveHealthAsync([new HealthMark(1, true, "Unhealthy", Start), new HealthMark(1, true, "Unhealthy", Start + 5)], [], Cancelled);
        await ReopenAsync();

        var monitors = await Store.ReadMonitorsAsync(Cancelled);
        Assert.Equal(new HealthMark(1, true, "Unhealthy", Start + 5), monitors[0].Health);
        Assert.Null(monitors[1].Health);
    }

    [Fact]
    public async Task SaveHealth_OfAServiceThatIsGone_ChangesNothing()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.SaveHealthAsync([new HealthMark(99, true, "Unhealthy", Start)], [], Cancelled);

        Assert.Null(Assert.Single(await Store.ReadMonitorsAsync(Cancelled)).Health);
    }

    [Fact]
    public async Task SaveMonitors_WithAMark_KeepsItUntilCountsFromChanges()
    {
        var mark = new HealthMark(1, false, "Healthy", Start);
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.SaveHealthAsync([mark], [], Cancelled);

        await Store.SaveMonitorsAsync([NewMonitor("a") with { Generation = 2, CountsFromGeneration = 2, Manifest = "{}" }], Cancelled);
        Assert.Equal(mark, (await Store.ReadMonitorsAsync(Cancelled))[0].Health);

        await Store.SaveMonitorsAsync([NewMonitor("a") with { CountsFrom = Start }], Cancelled);
        Assert.Null((await Store.ReadMonitorsAsync(Cancelled))[0].Health);

        await Store.SaveHealthAsync([mark], [], Cancelled);
        Assert.Equal(mark, (await Store.ReadMonitorsAsync(Cancelled))[0].Health);
    }

    [Fact]
    public async Task SaveMonitors_WithAMarkInTheArgument_DoesNotWriteIt()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a") with { Health = new HealthMark(1, true, "Unhealthy", 1) }], Cancelled);

        Assert.Null((await Store.ReadMonitorsAsync(Cancelled))[0].Health);
    }

    [Fact]
    public async Task SaveMonitors_HostileNames_AreTextAndNothingElse()
    {
        var key = new MonitorKey("default", "a'; drop table monitors; --");
        await Store.SaveMonitorsAsync([NewMonitor("a") with { Key = key }], Cancelled);

        Assert.Equal(key, Assert.Single(await Store.ReadMonitorsAsync(Cancelled)).Key);
    }
}
