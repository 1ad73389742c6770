using Deque.AxeCore.Playwright;
using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The dashboard in a real Chromium, against the stub API.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task Fleet_AddUpdateFilterDeleteTheme_WorksWithoutAReload()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments"), Rows.Service(2, "Search"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await using var chromium = await Chromium.StartAsync();
        await using var visit = await Visit.ToAsync(chromium, dashboard, ColorScheme.Light);
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
        await using var chromium = await Chromium.StartAsync();
        await using var visit = await Visit.ToAsync(chromium, dashboard, ColorScheme.Dark);
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
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Fleet_EitherThemeAndWidth_IsAccessibleAndNeverScrollsSideways(ColorScheme scheme, int width)
    {
        await using var api = await StubApi.StartAsync(Rows.Varied(TimeProvider.System.GetUtcNow()));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        await using var chromium = await Chromium.StartAsync();
        await using var visit = await Visit.ToAsync(chromium, dashboard, scheme, width);
        var page = visit.Page;
        await Expect(page.Locator(".ht-row")).ToHaveCountAsync(12);
        await AssertAccessibleAsync(page, "fleet");
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page, "add dialog");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Search" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page, "delete dialog");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();

        await api.StopAsync();
        await Expect(page.GetByText("Live updates are interrupted")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page, "API away");
        visit.AssertNothingOdd();
    }

    [Fact]
    public async Task Fleet_TenThousandServices_DrawsWhatIsInSightAndFollowsTheScroll()
    {
        await using var api = await StubApi.StartAsync(Enumerable.Range(1, 10_000).Select(i => Rows.Service(i, $"Service {i:00000}")));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Services == 10_000);
        await using var chromium = await Chromium.StartAsync();
        await using var visit = await Visit.ToAsync(chromium, dashboard, ColorScheme.Light);
        var page = visit.Page;
        await Expect(page.GetByText("Service 00001")).ToBeVisibleAsync();
        Assert.InRange(await page.Locator(".ht-row").CountAsync(), 5, 200);
        await page.EvaluateAsync("window.scrollTo(0, document.body.scrollHeight)");
        await Expect(page.GetByText("Service 10000")).ToBeVisibleAsync();
        Assert.InRange(await page.Locator(".ht-row").CountAsync(), 5, 200);
        visit.AssertNothingOdd();
    }

    private static async Task AssertAccessibleAsync(IPage page, string state)
    {
        // A dialog that still fades in has the colours of neither end.
        await page.WaitForFunctionAsync("document.getAnimations().every(a => a.effect.getTiming().iterations === Infinity || a.playState !== 'running')");
        var found = await page.RunAxe();
        Assert.True(
            found.Violations.Length == 0,
            $"{state}: " + string.Join("\n", found.Violations.Select(v => $"{v.Impact} {v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html + " " + string.Join(' ', n.Any.Select(a => a.Message))))}")));
    }

    /// <summary>One window on the dashboard, and what it should not have done.</summary>
    private sealed class Visit(IBrowserContext context, IPage page, Uri home) : IAsyncDisposable
    {
        private readonly List<string> odd = [];

        public IPage Page { get; } = page;

        public static async Task<Visit> ToAsync(Chromium chromium, RunningDashboard dashboard, ColorScheme scheme, int width = 1440)
        {
            var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
            var page = await context.NewPageAsync();
            page.SetDefaultTimeout(20_000);
            var visit = new Visit(context, page, dashboard.Url);
            visit.Watch();
            await page.GotoAsync(dashboard.Url.ToString());
            await page.Locator("[data-interactive]").WaitForAsync();
            return visit;
        }

        public void AssertNothingOdd() => Assert.Empty(odd);

        public ValueTask DisposeAsync() => context.DisposeAsync();

        private void Watch()
        {
            Page.PageError += (_, error) => odd.Add("script error: " + error);
            // A refused font, script or style is an error of the console.
            Page.Console += (_, message) =>
            {
                if (message.Type == "error")
                    odd.Add("console: " + message.Text);
            };
            Page.Request += (_, request) =>
            {
                if (new Uri(request.Url) is var url && url.Scheme != "data" && url.Authority != home.Authority)
                    odd.Add("request to another host: " + url);
            };
        }
    }
}
