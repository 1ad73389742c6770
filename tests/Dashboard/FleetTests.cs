using HealthTrack.Dashboard.Api;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Dashboard.Tests;

public sealed class FleetTests
{
    private readonly FakeTimeProvider time = new(Rows.Noon);
    private readonly Fleet fleet;

    public FleetTests() => fleet = new Fleet(time);

    [Fact]
    public void Load_AnotherList_ReplacesRowsAndCountsAndKeepsChecks()
    {
        fleet.Load([Rows.Service(1, "a"), Rows.Service(2, "b", "Unhealthy")]);
        fleet.Put(Rows.Check(1));
        fleet.Load([Rows.Service(1, "a", "Degraded"), Rows.Service(3, "c")]);

        var status = fleet.Status();
        Assert.Equal(2, status.Services);
        Assert.Equal((0, 1, 1), (status.Count("Unhealthy"), status.Count("Degraded"), status.Count("Healthy")));
        Assert.NotNull(fleet.Find(1)!.LastCheck);
        Assert.Null(fleet.Find(2));
    }

    [Fact]
    public void Put_ChangedHealth_MovesTheCount()
    {
        fleet.Put(Rows.Service(1, "a"));
        fleet.Put(Rows.Service(1, "a", "Unhealthy"));
        Assert.Equal((0, 1, 1), (fleet.Status().Count("Healthy"), fleet.Status().Count("Unhealthy"), fleet.Status().Services));
    }

    [Fact]
    public void Put_OlderCheckOrUnknownService_IsLeftOut()
    {
        fleet.Put(Rows.Service(1, "a"));
        fleet.Put(Rows.Check(1, code: 200, at: Rows.Noon));
        var before = fleet.Status().Version;
        fleet.Put(Rows.Check(1, code: 503, at: Rows.Noon.AddSeconds(-30)));
        fleet.Put(Rows.Check(99));
        Assert.Equal(200, fleet.Find(1)!.LastCheck!.StatusCode);
        Assert.Equal(before, fleet.Status().Version);
    }

    [Fact]
    public void Membership_OnlyComingAndGoing_ChangesIt()
    {
        fleet.Put(Rows.Service(1, "a"));
        var before = fleet.Status().Membership;
        fleet.Put(Rows.Service(1, "a", "Degraded"));
        Assert.Equal(before, fleet.Status().Membership);
        fleet.Remove(1);
        Assert.NotEqual(before, fleet.Status().Membership);
        Assert.Equal(0, fleet.Status().Count("Degraded"));
    }

    [Fact]
    public void Away_AfterUpdates_KeepsRowsAndTheTimeOfTheLast()
    {
        fleet.Load([Rows.Service(1, "a")]);
        time.Advance(TimeSpan.FromMinutes(3));
        fleet.Away();
        Assert.Equal((LinkState.Away, Rows.Noon, 1), (fleet.Status().Link, fleet.Status().UpdatedAt, fleet.Status().Services));
    }

    [Fact]
    public async Task ChangedAsync_AnyChange_Completes()
    {
        var changed = fleet.ChangedAsync(fleet.Status().Version, TestContext.Current.CancellationToken);
        Assert.False(changed.IsCompleted);
        fleet.Put(Rows.Service(1, "a"));
        await changed;
        Assert.True(fleet.ChangedAsync(0, TestContext.Current.CancellationToken).IsCompleted);
    }
}
