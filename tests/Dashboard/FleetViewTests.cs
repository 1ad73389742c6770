using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Ui.Fleets;

namespace HealthTrack.Dashboard.Tests;

public sealed class FleetViewTests
{
    private readonly FleetView _view = new();

    [Fact]
    public void Order_AtFirst_PutsWhatNeedsALookFirst()
    {
        ServiceRow[] rows =
        [
            Rows.Service(1, "b", "Healthy"), Rows.Service(2, "a", "Suspended"), Rows.Service(3, "Z", "Unhealthy"),
            Rows.Service(4, "c", "Unknown"), Rows.Service(5, "d", "Degraded"), Rows.Service(6, "A", "Unhealthy"),
        ];
        Assert.Equal([6, 3, 5, 4, 1, 2], Order(rows));
    }

    [Fact]
    public void Order_ByMetric_PutsTheWorstFirstAndNoDataLastEitherWay()
    {
        ServiceRow[] rows =
        [
            Rows.Service(1, "none"), Rows.Service(2, "slow") with { P99ResponseTimeMs = 900 }, Rows.Service(3, "fast") with { P99ResponseTimeMs = 9 },
        ];
        _view.SortBy(SortColumn.P99Latency);
        Assert.Equal([2, 3, 1], Order(rows));
        _view.SortBy(SortColumn.P99Latency);
        Assert.Equal([3, 2, 1], Order(rows));
    }

    [Fact]
    public void Order_ByUptime_PutsTheLowestFirst()
    {
        ServiceRow[] rows = [Rows.Service(1, "well") with { UptimePercent24h = 100 }, Rows.Service(2, "ill") with { UptimePercent24h = 12 }];
        _view.SortBy(SortColumn.Uptime);
        Assert.Equal([2, 1], Order(rows));
    }

    [Fact]
    public void Order_ByName_IgnoresCaseAndTurnsRound()
    {
        ServiceRow[] rows = [Rows.Service(1, "beta"), Rows.Service(2, "Alpha"), Rows.Service(3, "Gamma")];
        _view.SortBy(SortColumn.Name);
        Assert.Equal([2, 1, 3], Order(rows));
        _view.SortBy(SortColumn.Name);
        Assert.Equal([3, 1, 2], Order(rows));
    }

    [Theory]
    [InlineData("PAY", 1)]
    [InlineData("shop pay", 1)]
    [InlineData("10.0.0.7", 2)]
    [InlineData("certificateexpiring", 3)]
    public void Order_Searched_KeepsRowsThatHoldEveryWord(string text, long expected)
    {
        ServiceRow[] rows =
        [
            Rows.Service(1, "Payments") with { Namespace = "shop" }, Rows.Service(2, "Cache") with { Url = "http://10.0.0.7/", Namespace = "shop" },
            Rows.Service(3, "Gateway", "Degraded") with { Reason = "CertificateExpiring", Url = null },
        ];
        _view.Search(text);
        Assert.Equal([expected], Order(rows));
        Assert.True(_view.Filtered);
    }

    [Fact]
    public void Order_FilteredByHealth_ShowsTheChosenOnes()
    {
        ServiceRow[] rows = [Rows.Service(1, "a"), Rows.Service(2, "b", "Unhealthy"), Rows.Service(3, "c", "Degraded")];
        _view.Toggle("Unhealthy");
        _view.Toggle("Degraded");
        Assert.Equal([2, 3], Order(rows));
        _view.Toggle("Unhealthy");
        Assert.Equal([3], Order(rows));
        _view.ShowAll();
        Assert.Equal(3, Order(rows).Length);
    }

    private long[] Order(IEnumerable<ServiceRow> rows) => _view.Order(rows.Select(r => new FleetRow(r, null)));
}
