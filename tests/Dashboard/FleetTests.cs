using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Dashboard.Tests;

public sealed class FleetTests
{
    private readonly FakeTimeProvider _time = new(Rows.Noon);
    private readonly Fleet _fleet;

    public FleetTests() => _fleet = new Fleet(_time);

    [Fact]
    public void Load_AnotherList_ReplacesRowsAndCountsAndKeepsChecks()
    {
        _fleet.Load([Rows.Service(1, "a"), Rows.Service(2, "b", "Unhealthy")]);
        _fleet.Put(Rows.Check(1));
        _fleet.Load([Rows.Service(1, "a", "Degraded"), Rows.Service(3, "c")]);

        var status = _fleet.Status();
        Assert.Equal(2, status.Services);
        Assert.Equal((0, 1, 1), (status.Count("Unhealthy"), status.Count("Degraded"), status.Count("Healthy")));
        Assert.NotNull(_fleet.Find(1)!.LastCheck);
        Assert.Null(_fleet.Find(2));
    }

    [Fact]
    public void Load_CheckHeardWhileItArrives_IsKept()
    {
        _fleet.Load([Rows.Service(1, "a"), Rows.Service(2, "b")]);
        _fleet.Put(Rows.Check(1, code: 200, at: Rows.Noon));
        _fleet.Put(Rows.Check(2, code: 200, at: Rows.Noon));
        var (first, second) = (_fleet.Hold(Rows.Service(1, "a")), _fleet.Hold(Rows.Service(2, "b", "Degraded")));
        _fleet.Put(Rows.Check(1, code: 503, at: Rows.Noon.AddSeconds(1)));
        Assert.Equal(2, _fleet.Status().Count("Healthy"));
        _fleet.Load(new List<HeldRow> { first, second, second });
        Assert.Equal((503, 200), (_fleet.Find(1)!.LastCheck!.StatusCode, _fleet.Find(2)!.LastCheck!.StatusCode));
        Assert.Equal((1, 1, 2), (_fleet.Status().Count("Healthy"), _fleet.Status().Count("Degraded"), _fleet.Status().Services));
    }

    [Fact]
    public void Put_ChangedHealth_MovesTheCount()
    {
        _fleet.Put(Rows.Service(1, "a"));
        _fleet.Put(Rows.Service(1, "a", "Unhealthy"));
        Assert.Equal((0, 1, 1), (_fleet.Status().Count("Healthy"), _fleet.Status().Count("Unhealthy"), _fleet.Status().Services));
    }

    [Fact]
    public void Find_AfterEachOfManyRows_IsTheRowAsItWasSent()
    {
        var noMetrics = Rows.Service(1, "a") with { P95ResponseTimeMs = null, ApdexScore = null, UptimePercent24h = null, LastCheckTimestamp = null, ChecksCount = 0 };
        ServiceRow[] sent =
        [
            Rows.Service(1, "a"), noMetrics, Rows.Service(1, "a") with { AvgResponseTimeMs = 0, ErrorRatePercent = 12.5 }, Rows.Service(1, "a", "Degraded"),
            Rows.Service(1, "a") with { Name = "b", ServiceName = "B", Url = null, Message = "other", Origin = "other.yaml" },
            Rows.Service(1, "a") with { Labels = new Dictionary<string, string> { ["team"] = "a" } },
            Rows.Service(1, "a") with { Labels = new Dictionary<string, string> { ["team"] = "b" } },
            Rows.Service(1, "a") with { Conditions = [new ConditionRow("Ready", "False", "PoolNotFound", "None.", Rows.Noon)] },
            Rows.Service(1, "a") with { Levels = new MetricLevelsRow("none", "good", "warning", "critical", "none", "good") },
            Rows.Service(1, "a"),
        ];
        foreach (var (row, number) in sent.Select((row, number) => (row, number)))
        {
            _fleet.Put(row);
            Assert.Equal(Json(row), Json(_fleet.Find(1)!.Service));
            Assert.Equal(Json(row), Json(_fleet.Rows().Single().Service));
            var check = Rows.Check(1, "error", number % 2 == 0 ? null : 500, "refused", Rows.Noon.AddSeconds(number)) with { Id = number, Kind = "manual" };
            _fleet.Put(check);
            Assert.Equal(check, _fleet.Find(1)!.LastCheck);
        }

        static string Json(ServiceRow row) => JsonSerializer.Serialize(row, ApiJson.Options);
    }

    [Fact]
    public void Put_OlderCheckOrUnknownService_IsLeftOut()
    {
        _fleet.Put(Rows.Service(1, "a"));
        _fleet.Put(Rows.Check(1, code: 200, at: Rows.Noon));
        var before = _fleet.Status().Version;
        _fleet.Put(Rows.Check(1, code: 503, at: Rows.Noon.AddSeconds(-30)));
        _fleet.Put(Rows.Check(99));
        Assert.Equal(200, _fleet.Find(1)!.LastCheck!.StatusCode);
        Assert.Equal(before, _fleet.Status().Version);
    }

    [Fact]
    public void Membership_OnlyComingAndGoing_ChangesIt()
    {
        _fleet.Put(Rows.Service(1, "a"));
        var before = _fleet.Status().Membership;
        _fleet.Put(Rows.Service(1, "a", "Degraded"));
        Assert.Equal(before, _fleet.Status().Membership);
        _fleet.Remove(1);
        Assert.NotEqual(before, _fleet.Status().Membership);
        Assert.Equal(0, _fleet.Status().Count("Degraded"));
    }

    [Fact]
    public void Away_AfterUpdates_KeepsRowsAndTheTimeOfTheLast()
    {
        _fleet.Load([Rows.Service(1, "a")]);
        _time.Advance(TimeSpan.FromMinutes(3));
        _fleet.Away();
        Assert.Equal((LinkState.Away, Rows.Noon, 1), (_fleet.Status().Link, _fleet.Status().UpdatedAt, _fleet.Status().Services));
    }

    [Fact]
    public async Task ChangedAsync_AnyChange_Completes()
    {
        var changed = _fleet.ChangedAsync(_fleet.Status().Version, TestContext.Current.CancellationToken);
        Assert.False(changed.IsCompleted);
        _fleet.Put(Rows.Service(1, "a"));
        await changed;
        Assert.True(_fleet.ChangedAsync(0, TestContext.Current.CancellationToken).IsCompleted);
    }
}
