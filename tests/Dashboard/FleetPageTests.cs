using System.Net;
using Bunit;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Ui.Fleets;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The page and its states, without a browser.</summary>
public sealed class FleetPageTests : PageTests
{
    [Fact]
    public void Page_NothingLoaded_SaysThatItConnects()
    {
        var page = Context.Render<FleetPage>();
        Assert.Contains("Connecting to the API", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("table"));
    }

    [Fact]
    public void Page_ApiNeverThere_SaysWhatToLookAt()
    {
        Fleet.Away();
        var page = Context.Render<FleetPage>();
        Assert.Contains("Live updates are interrupted", page.Find(".ht-banner").TextContent, StringComparison.Ordinal);
        Assert.Contains("--api", page.Find(".ht-empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NoServices_SaysHowToAddTheFirst()
    {
        Fleet.Load([]);
        var page = Context.Render<FleetPage>();
        Assert.Contains("kind: ServiceMonitor", page.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Find(".ht-empty button"));
    }

    [Fact]
    public void Page_ApiAway_KeepsTheRowsAndSaysOfWhen()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        Fleet.Away();
        var page = Context.Render<FleetPage>();
        Assert.Contains("Last updated 2026-05-04 12:00:00 UTC", page.Find(".ht-banner").TextContent, StringComparison.Ordinal);
        Assert.Single(page.FindAll(".ht-row"));
    }

    [Fact]
    public void Row_EveryHealth_SaysItInWordsAndMetricsWearTheirColours()
    {
        Fleet.Load(Rows.Varied(Rows.Noon));
        var page = Context.Render<FleetPage>();
        Assert.Equal(12, page.FindAll(".ht-row").Count);
        Assert.Equal(
            ["12", "6", "5", "2", "2", "2", "1"], page.FindAll(".ht-count-value").Select(c => c.TextContent));

        var search = page.Find("[data-service=search]");
        Assert.Equal("Degraded", search.QuerySelector(".ht-chip")!.TextContent.Trim());
        Assert.Contains("p99 3,420 ms is above 3,000 ms", search.QuerySelector(".ht-message")!.TextContent, StringComparison.Ordinal);
        var metrics = search.QuerySelectorAll(".ht-metric").ToDictionary(m => m.GetAttribute("data-label")!, m => (m.ClassList.FirstOrDefault(c => c.StartsWith("ht-level-", StringComparison.Ordinal)), Text: Squeezed(m.TextContent)), StringComparer.Ordinal);
        Assert.Equal(("ht-level-warning", "warning: 1,180ms"), metrics["Average"]);
        Assert.Equal(("ht-level-critical", "critical: 3,420ms"), metrics["P99"]);
        Assert.Equal(("ht-level-good", "99.31%"), metrics["Uptime 24 h"]);
        Assert.Equal(("ht-level-none", "6.0/min0.10/s"), metrics["Rate"]);
    }

    [Fact]
    public void Row_WithoutSamples_ShowsDashesAndNoZero()
    {
        Fleet.Load([Rows.Service(1, "New", "Unknown")]);
        var row = Context.Render<FleetPage>().Find(".ht-row");
        Assert.All(row.QuerySelectorAll(".ht-metric .ht-value").Where(v => !v.ParentElement!.ClassList.Contains("ht-cell-checks")), v => Assert.Equal("–", v.TextContent));
        Assert.Contains("not checked yet", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_LastCheck_SaysWhenCodeAndOutcome()
    {
        Fleet.Load([Rows.Service(1, "a", "Unhealthy") with { LastCheckTimestamp = Rows.Noon.AddSeconds(-12), CurrentStatus = "error" }]);
        Fleet.Put(Rows.Check(1, "error", 503, at: Rows.Noon.AddSeconds(-12)));
        var cell = Context.Render<FleetPage>().Find(".ht-cell-last");
        Assert.Equal("12 s ago 503 · error", Squeezed(cell.TextContent));
        Assert.Equal("2026-05-04 11:59:48 UTC", cell.QuerySelector("time")!.GetAttribute("title"));
    }

    [Theory]
    [InlineData("https://example.org/", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("db.example.org:5432", false)]
    [InlineData(null, false)]
    public void Row_Target_IsALinkForHttpAlone(string? target, bool link)
    {
        Fleet.Load([Rows.Service(1, "a") with { Url = target }]);
        Assert.Equal(link, Context.Render<FleetPage>().FindAll("a.ht-target").Count == 1);
    }

    [Fact]
    public void Search_Typed_ShowsMatchesAndSaysHowMany()
    {
        Fleet.Load(Rows.Varied(Rows.Noon));
        var page = Context.Render<FleetPage>();
        page.Find("input[type=search]").Input("shop.example");
        Assert.Equal("4 of 12 services", page.Find(".ht-shown").TextContent);
        page.Find("input[type=search]").Input("nothing like it");
        Assert.Contains("No service matches", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_Pressed_ShowsThatHealthAndSaysSo()
    {
        Fleet.Load(Rows.Varied(Rows.Noon));
        var page = Context.Render<FleetPage>();
        page.FindAll(".ht-filter").Single(f => f.TextContent.Contains("Unhealthy", StringComparison.Ordinal)).Click();
        Assert.Equal(2, page.FindAll(".ht-row").Count);
        Assert.Equal("true", page.FindAll(".ht-filter").Single(f => f.TextContent.Contains("Unhealthy", StringComparison.Ordinal)).GetAttribute("aria-pressed"));
    }

    [Fact]
    public void Header_Clicked_SortsAndSaysWhichWay()
    {
        Fleet.Load(Rows.Varied(Rows.Noon));
        var page = Context.Render<FleetPage>();
        page.FindAll("th button").Single(b => b.TextContent.Contains("P99", StringComparison.Ordinal)).Click();
        Assert.Equal("Search", page.Find(".ht-row .ht-name a").TextContent);
        Assert.Equal("descending", page.FindAll("th").Single(h => h.TextContent.Contains("P99", StringComparison.Ordinal)).GetAttribute("aria-sort"));
    }

    [Fact]
    public void Page_TenThousandServices_DrawsOnlyWhatIsInSight()
    {
        Fleet.Load(Enumerable.Range(1, 10_000).Select(i => Rows.Service(i, $"Service {i}")));
        Context.SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        Assert.InRange(Context.Render<FleetPage>().FindAll(".ht-row").Count, 20, 100);
    }

    [Fact]
    public async Task Page_StormOfEvents_RendersOnceInABeat()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        var page = Context.Render<FleetPage>();
        await BeatUntilAsync(() => page.RenderCount >= 2);
        var before = page.RenderCount;
        for (var i = 0; i < 1000; i++)
            Fleet.Put(Rows.Service(1, "Payments", "Unhealthy") with { ChecksCount = i });
        await BeatUntilAsync(() => page.Find(".ht-chip").TextContent.Contains("Unhealthy", StringComparison.Ordinal));
        Assert.InRange(page.RenderCount - before, 1, 100);
    }

    [Fact]
    public void Page_BoundBeyondLoopback_OffersNoWrites()
    {
        Options = new DashboardOptions { Bind = "0.0.0.0" };
        Fleet.Load([Rows.Service(1, "a")]);
        var page = Context.Render<FleetPage>();
        Assert.Empty(page.FindAll(".ht-cell-actions button"));
        Assert.DoesNotContain("Add service", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Read-only", page.Find(".ht-head").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Namespace_Chosen_ShowsItsServicesAlone()
    {
        Fleet.Load(Rows.Varied(Rows.Noon));
        var page = Context.Render<FleetPage>();
        page.Find(".ht-namespace select").Change("shop");
        Assert.Equal("3 of 12 services", page.Find(".ht-shown").TextContent);
        page.Find(".ht-namespace select").Change("");
        Assert.Equal("12 services", page.Find(".ht-shown").TextContent);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("http://127.0.0.1:3001", "/grafana/d/healthtrack-service?var-namespace=a%26b&var-service=x%3Fy")]
    public void Row_GrafanaConfiguredOrNot_LinksToItsBoardOrDoesNot(string? grafana, string? link)
    {
        Options = new DashboardOptions { Grafana = grafana is null ? null : new Uri(grafana) };
        Fleet.Load([Rows.Service(1, "Payments") with { Namespace = "a&b", Name = "x?y" }]);
        var links = Context.Render<FleetPage>().FindAll("a[aria-label='Show Payments in Grafana']");
        Assert.Equal(link, links.SingleOrDefault()?.GetAttribute("href"));
    }

    [Fact]
    public void Row_Name_LeadsToItsPage()
    {
        Fleet.Load([Rows.Service(7, "Payments")]);
        Assert.Equal("services/7", Context.Render<FleetPage>().Find(".ht-name a").GetAttribute("href"));
    }

    [Fact]
    public void Banner_ApiDegraded_NamesWhatIs()
    {
        Fleet.Load([Rows.Service(1, "a")]);
        Readiness.Hear(new HealthReport("degraded", new Dictionary<string, ComponentHealth>
        {
            ["store"] = new("degraded", "The store is away: results are held until it is back."),
            ["workers"] = new("ok", "1 connected."),
        }));
        var banner = Context.Render<FleetPage>().Find(".ht-banner").TextContent;
        Assert.Contains("store: The store is away", Squeezed(banner), StringComparison.Ordinal);
        Assert.DoesNotContain("workers", banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Refused_SaysWhy()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        Answer = _ => new HttpResponseMessage(HttpStatusCode.Conflict) { Content = JsonContent.Create(new { detail = "Its spec is not valid." }) };
        var page = Context.Render<FleetPage>();
        await page.Find("button[aria-label='Run a check of Payments now']").ClickAsync(new());
        var said = Assert.Single(Context.Services.GetRequiredService<ISnackbar>().ShownSnackbars);
        Assert.Equal(Severity.Error, said.Severity);
        Assert.Contains("Its spec is not valid.", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_ServiceIsNotThere_SaysSoAndLeavesTheRowToTheStream()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        Answer = _ => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = JsonContent.Create(new { detail = "There is no service with the id 1." }) };
        var dialog = await DeletingAsync();
        await dialog.Find(".ht-button-danger").ClickAsync(new());
        var said = dialog.Find("[role=alert]").TextContent;
        Assert.Contains("Nothing was deleted", said, StringComparison.Ordinal);
        Assert.Contains("There is no service with the id 1.", said, StringComparison.Ordinal);
        Assert.NotNull(Fleet.Find(1));
        Assert.Empty(Context.Services.GetRequiredService<ISnackbar>().ShownSnackbars);
    }

    [Fact]
    public async Task Delete_Done_RemovesTheRowAndSaysSo()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        var dialog = await DeletingAsync();
        await dialog.Find(".ht-button-danger").ClickAsync(new());
        dialog.WaitForAssertion(() => Assert.Equal("Deleted Payments.", Assert.Single(Context.Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message));
        Assert.Null(Fleet.Find(1));
    }

    // The dialog that asks whether to delete the one service.
    private async Task<IRenderedComponent<MudDialogProvider>> DeletingAsync()
    {
        var dialog = Context.Render<MudDialogProvider>();
        var page = Context.Render<FleetPage>();
        var open = page.Find("button[aria-label='Delete Payments']").ClickAsync(new());
        await dialog.WaitForElementAsync(".ht-button-danger");
        Assert.False(open.IsFaulted);
        return dialog;
    }
}
