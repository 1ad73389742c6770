using Deque.AxeCore.Playwright;
using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.Dashboard.Tests;

/// <summary>One window on the dashboard, and what it should not have done.</summary>
internal sealed class Visit(IBrowserContext context, IPage page, Uri home) : IAsyncDisposable
{
    private readonly List<string> _odd = [];

    public IPage Page { get; } = page;

    public static async Task<Visit> ToAsync(Chromium chromium, RunningDashboard dashboard, ColorScheme scheme, int width = 1440, string path = "")
    {
        var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        var visit = new Visit(context, page, dashboard.Url);
        visit.Watch();
        await page.GotoAsync(new Uri(dashboard.Url, path).ToString());
        await page.Locator("[data-interactive]").WaitForAsync();
        return visit;
    }

    public void AssertNothingOdd() => Assert.Empty(_odd);

    /// <summary>Asserts that axe finds nothing in a part of the page; <c>body</c>: in all of it.</summary>
    public async Task AssertAccessibleAsync(string state, string part)
    {
        await Expect(Page.Locator(part).First).ToBeVisibleAsync();
        // What still fades in has the colours of neither end.
        await Page.EvaluateAsync(
            "Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => {})))");
        var found = part == "body" ? await Page.RunAxe() : await Page.Locator(part).First.RunAxe();
        Assert.True(
            found.Violations.Length == 0,
            $"{state}: " + string.Join("\n", found.Violations.Select(v => $"{v.Impact} {v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html + " " + string.Join(' ', n.Any.Select(a => a.Message))))}")));
    }

    public ValueTask DisposeAsync() => context.DisposeAsync();

    private void Watch()
    {
        Page.PageError += (_, error) => _odd.Add("script error: " + error);
        // A refused font, script or style is an error of the console.
        Page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _odd.Add("console: " + message.Text);
        };
        Page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is var url && url.Scheme != "data" && url.Authority != home.Authority)
                _odd.Add("request to another host: " + url);
        };
    }
}
