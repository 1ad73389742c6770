using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.Dashboard.Tests;

/// <summary>One browser for a class of tests.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    internal Chromium Chromium { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Chromium = await Chromium.StartAsync();

    public ValueTask DisposeAsync() => Chromium.DisposeAsync();
}

/// <summary>The dashboard in a real Chromium, against the stub API.</summary>
public sealed class BrowserTests(ChromiumFixture machine) : IClassFixture<ChromiumFixture>
{
    [Fact]
    public async Task Fleet_AddUpdateFilterDeleteTheme_WorksWithoutAReload()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments"), Rows.Service(2, "Search"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Light);
        var page = visit.Page;
        await page.EvaluateAsync("window.sameDocument = true");
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(2);
        await Expect(page.Locator(".ht-link")).ToHaveTextAsync("Live");

        // Add: refused at the field, then accepted.
        api.Refuse = asked => asked.Name == "Payments"
            ? Results.Problem("default/payments exists already: choose another name.", statusCode: 409)
            : null;
        await page.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("#ht-add-name").FillAsync("Payments");
        await dialog.Locator("#ht-add-url").FillAsync("https://new.example.org/");
        await dialog.Locator("#ht-add-interval").FillAsync("15");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        await Expect(dialog.GetByText("exists already")).ToBeVisibleAsync();
        await dialog.Locator("#ht-add-name").FillAsync("Checkout");
        await dialog.Locator("#ht-add-name").PressAsync("Enter");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-service=checkout]")).ToContainTextAsync("https://new.example.org/");
        await Expect(page.Locator("[data-count=Services]")).ToHaveTextAsync("3");

        // Live: a row changes by itself.
        api.Put(Rows.Service(2, "Search", "Unhealthy").Saying("CheckFailed", "Connection refused", "down") with { LastCheckTimestamp = Rows.Noon });
        api.Put(Rows.Check(2, "down", null, "Connection refused"));
        await Expect(page.Locator("[data-service=search] .ht-chip")).ToHaveTextAsync("Unhealthy");
        await Expect(page.Locator("[data-service=search] .ht-outcome")).ToHaveTextAsync("no answer");
        await Expect(page).ToHaveTitleAsync("(1) Services · HealthTrack");

        // Filter.
        await page.GetByRole(AriaRole.Button, new() { Name = "Unhealthy", Exact = true }).ClickAsync();
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "All", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("payments");
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(1);

        // Delete: asked first, and kept if not confirmed.
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Payments" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        Assert.DoesNotContain(api.Requests, r => r.Method == "DELETE");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Payments" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.GetByText("No service matches")).ToBeVisibleAsync();
        Assert.False(api.Services.ContainsKey(1));

        // The API goes and comes back.
        await api.StopAsync();
        await Expect(page.GetByText("Live updates are interrupted")).ToBeVisibleAsync();
        await api.ResumeAsync();
        await Expect(page.GetByText("Live updates are interrupted")).ToHaveCountAsync(0);

        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        visit.AssertNothingOdd();
    }

    [Fact]
    public async Task Theme_ChosenOrSystem_IsRememberedAndFollowed()
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Dark);
        var html = visit.Page.Locator("html");
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Expect(html).ToHaveAttributeAsync("data-theme", "light");

        var toggle = visit.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Theme:") });
        await toggle.ClickAsync();
        await toggle.ClickAsync();
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");
        await visit.Page.ReloadAsync();
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");
        visit.AssertNothingOdd();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Fleet_EitherTheme_IsAccessible(ColorScheme scheme, int width)
    {
        // One row of each health: axe measures every text, and twelve rows tell it no more than these.
        await using var api = await StubApi.StartAsync(Rows.Varied(TimeProvider.System.GetUtcNow()).DistinctBy(r => r.Health));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, scheme, width);
        var page = visit.Page;
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(5);
        await visit.AssertAccessibleAsync("fleet", "body");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        await visit.AssertAccessibleAsync("add dialog", ".mud-dialog");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Search" }).ClickAsync();
        await visit.AssertAccessibleAsync("delete dialog", ".mud-dialog");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Run a check of Search now" }).ClickAsync();
        await visit.AssertAccessibleAsync("toast", ".mud-snackbar");

        await api.StopAsync();
        await visit.AssertAccessibleAsync("API away", ".ht-banner");
        visit.AssertNothingOdd();
    }

    [Theory]
    [InlineData(1920)]
    [InlineData(1440)]
    [InlineData(1024)]
    [InlineData(390)]
    [InlineData(320)]
    public async Task Fleet_AnyWidth_NeverScrollsSideways(int width)
    {
        await using var api = await StubApi.StartAsync(Rows.Varied(TimeProvider.System.GetUtcNow()));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Light, width);
        await Expect(visit.Page.Locator(".ht-row")).ToHaveCountAsync(12);
        Assert.InRange(await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        if (width < 800)
        {
            // What a thumb can hit.
            var smallest = await visit.Page.EvaluateAsync<double>(
                "Math.min(...[...document.querySelectorAll('.ht-main button, .ht-main select')].filter(b => b.offsetParent && !b.closest('thead')).map(b => b.getBoundingClientRect().height))");
            Assert.InRange(smallest, 44, 200);
        }
    }

    [Fact]
    public async Task Dashboard_StartedAgain_ThePageComesBackByItself()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments"));
        var first = await RunningDashboard.StartAsync(api.Url);
        await using var visit = await Visit.ToAsync(machine.Chromium, first, ColorScheme.Light);
        await visit.Page.EvaluateAsync("window.sameDocument = true");
        await first.DisposeAsync();
        await Expect(visit.Page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();

        await using var second = await RunningDashboard.StartAsync(new DashboardOptions { Api = api.Url, Port = first.Url.Port });
        api.Put(Rows.Service(2, "Search"));
        await Expect(visit.Page.Locator("[data-service=search]")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await visit.Page.Locator("[data-interactive]").WaitForAsync();
        Assert.False(await visit.Page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    [Fact]
    public async Task Fleet_TenThousandServices_DrawsWhatIsInSightAndFollowsTheScroll()
    {
        await using var api = await StubApi.StartAsync(Enumerable.Range(1, 10_000).Select(i => Rows.Service(i, $"Service {i:00000}")));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Services == 10_000);
        await using var visit = await Visit.ToAsync(machine.Chromium, dashboard, ColorScheme.Light);
        var page = visit.Page;
        await Expect(page.GetByText("Service 00001")).ToBeVisibleAsync();
        Assert.InRange(await page.Locator(".ht-row").CountAsync(), 5, 200);
        await page.EvaluateAsync("window.scrollTo(0, document.body.scrollHeight)");
        await Expect(page.GetByText("Service 10000")).ToBeVisibleAsync();
        Assert.InRange(await page.Locator(".ht-row").CountAsync(), 5, 200);
        visit.AssertNothingOdd();
    }
}
