using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The page of one service in a real Chromium, against the stub API.</summary>
public sealed class ServiceBrowserTests(ChromiumFixture machine) : IClassFixture<ChromiumFixture>
{
    private const string Hostile = "<img src=x onerror=\"window.pwned=1\"> \U0001F4A5 </script><script>window.pwned=1</script>";

    [Fact]
    public async Task Service_OpenFollowRunAcknowledgePageDelete_WorksWithoutAReload()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments"), Rows.Service(2, "Search"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Light);
        var page = visit.Page;
        await page.EvaluateAsync("window.sameDocument = true");

        // By keyboard, as by mouse.
        await page.GetByRole(AriaRole.Link, new() { Name = "Payments", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("/services/1$"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Payments" })).ToBeVisibleAsync();
        await Expect(page.Locator("svg[role=img]")).ToHaveCountAsync(2);
        await Expect(page.Locator(".ht-log tbody tr")).ToHaveCountAsync(25);
        await Expect(page.Locator(".ht-bounds .ht-level-critical")).ToHaveCountAsync(6);

        // Live: it fails, and an alert fires.
        var down = Rows.Service(1, "Payments", "Unhealthy").Saying("ChecksFailing", "connection refused", "down") with { LastCheckTimestamp = Rows.Noon };
        api.Reads.Fire(down, message: "connection refused");
        api.Reads.CheckError = "now it says this";
        api.Put(down);
        api.Put(Rows.Check(1, "down", null, "connection refused"));
        await Expect(page.Locator(".ht-head .ht-chip")).ToHaveTextAsync("Unhealthy");
        await Expect(page.Locator(".ht-why")).ToContainTextAsync("connection refused");
        await Expect(page.Locator(".ht-log")).ToContainTextAsync("now it says this", new() { Timeout = 20_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge down" }).ClickAsync();
        await Expect(page.GetByText("acknowledged by somebody")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();
        await Expect(page.GetByText("Checking Payments now.")).ToBeVisibleAsync();
        Assert.Contains(api.Requests, r => r is { Method: "POST", Path: "/services/1/run" });

        await page.GetByRole(AriaRole.Button, new() { Name = "Older" }).ClickAsync();
        await Expect(page.GetByText("page 2")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "7 d" }).ClickAsync();
        await Expect(page.GetByText("A bucket is 2 h.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Services" })).ToBeVisibleAsync();
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(1);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        visit.AssertNothingOdd();
    }

    [Fact]
    public async Task Service_ApiGoesAndComesBack_KeepsWhatWasThereAndGoesOn()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Dark, path: "services/1");
        var page = visit.Page;
        await Expect(page.Locator(".ht-log tbody tr")).ToHaveCountAsync(25);
        await api.StopAsync();
        await Expect(page.GetByText("Live updates are interrupted")).ToBeVisibleAsync();
        await Expect(page.Locator(".ht-problem").First).ToBeVisibleAsync(new() { Timeout = 40_000 });
        await Expect(page.Locator(".ht-log tbody tr")).ToHaveCountAsync(25);
        await visit.AssertAccessibleAsync("API away", "body");
        await api.ResumeAsync();
        await Expect(page.GetByText("Live updates are interrupted")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        await Expect(page.Locator(".ht-problem")).ToHaveCountAsync(0, new() { Timeout = 40_000 });
        visit.AssertNothingOdd();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Service_EitherTheme_IsAccessible(ColorScheme scheme, int width)
    {
        await using var api = await StubApi.StartAsync(Rows.Varied(TimeProvider.System.GetUtcNow()));
        api.Reads.Fire(api.Services[1]);
        api.Reads.Fire(api.Services[1], "errorRate", "warning");
        api.Reads.Ready = new("degraded", new Dictionary<string, HealthTrack.Contracts.Api.ComponentHealth> { ["store"] = new("degraded", "The store is away.") });
        await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions { Api = api.Url, Port = 0, Grafana = new Uri("http://127.0.0.1:1") });
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, scheme, width, "services/1");
        var page = visit.Page;
        await Expect(page.Locator(".ht-log tbody tr")).ToHaveCountAsync(25);
        await Expect(page.Locator("svg[role=img]")).ToHaveCountAsync(2);
        await Expect(page.GetByText("HealthTrack itself is degraded")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Acknowledge") })).ToHaveCountAsync(2);
        await page.GetByText("Show as a table").ClickAsync();
        await visit.AssertAccessibleAsync("service", "body");
        visit.AssertNothingOdd();

        await page.GotoAsync($"{dashboard.Url}services/99");
        await visit.AssertAccessibleAsync("missing", "body");
        await page.GotoAsync($"{dashboard.Url}grafana/");
        await Expect(page.GetByText("Grafana does not answer")).ToBeVisibleAsync();
        await visit.AssertAccessibleAsync("Grafana away", "body");
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(1024)]
    [InlineData(390)]
    [InlineData(320)]
    public async Task Service_HostileAndVeryLongTexts_AreInertAndNeverScrollSideways(int width)
    {
        var endless = new string('w', 400);
        await using var api = await StubApi.StartAsync(
            Rows.Service(1, Hostile, "Unhealthy").Saying(endless, Hostile + endless, "down") with
            {
                Name = "hostile", Namespace = endless, Url = "javascript:window.pwned=1//" + endless, LastCheckTimestamp = TimeProvider.System.GetUtcNow(),
                Labels = new Dictionary<string, string> { [endless] = Hostile }, Conditions = [new(Hostile, "True", endless, Hostile, Rows.Noon)],
            });
        api.Reads.CheckError = Hostile + endless;
        api.Reads.Fire(api.Services[1], message: Hostile + endless);
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Light, width);
        var page = visit.Page;
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Services" })).ToBeVisibleAsync();
        await AssertInertAsync(page, width);

        await page.Locator(".ht-name a").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync(Hostile);
        await Expect(page.Locator(".ht-log tbody tr")).ToHaveCountAsync(25);
        await Expect(page.Locator("svg[role=img]")).ToHaveCountAsync(2);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge down" })).ToBeVisibleAsync();
        await AssertInertAsync(page, width);
        Assert.Equal(0, await page.Locator("a[href^='javascript']").CountAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();
        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync(Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(Hostile);
        await AssertInertAsync(page, width);
        visit.AssertNothingOdd();
    }

    private static async Task AssertInertAsync(IPage page, int width)
    {
        Assert.True(await page.EvaluateAsync<bool>("window.pwned === undefined"));
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
    }
}
