using System.Net.Http.Json;
using System.Text.Json;
using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>The demo's page in a real Chromium, over the real API.</summary>
public sealed class DashboardTests
{
    // Where it is set, the pictures of the documentation are taken anew into this folder.
    private const string PicturesVariable = "HEALTHTRACK_PICTURES";

    private static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 60_000 };

    [Fact]
    public async Task Page_OfTheDemo_ShowsEveryColourAndAddsAndDeletes()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        await using var healthTrack = await HealthTrackProcess.StartAsync("--demo", "--data", folder["data"]);
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var problems = new List<string>();
        page.PageError += (_, problem) => problems.Add(problem);
        await page.GotoAsync(healthTrack.Dashboard);

        await Expect(Row(page, "checkout-api")).ToContainTextAsync("Healthy", Patient);
        await Expect(Row(page, "search")).ToContainTextAsync("Degraded", Patient);
        await Expect(Row(page, "payments")).ToContainTextAsync("Unhealthy", Patient);
        await Expect(Row(page, "legacy-crm")).ToContainTextAsync("Suspended", Patient);
        foreach (var level in new[] { "good", "warning", "critical" })
            await Expect(page.Locator($".ht-level-{level}").First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("#ht-add-name").FillAsync("My shop");
        await dialog.Locator("#ht-add-url").FillAsync(target.Url);
        await dialog.Locator("#ht-add-interval").FillAsync("1");
        await dialog.Locator("#ht-add-timeout").FillAsync("0.5");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        await Expect(Row(page, "my-shop")).ToContainTextAsync("Healthy", Patient);

        // Its own page, over the real API: tiles, past and checks.
        await OpenServiceAsync(page, "my-shop");
        await Expect(page.Locator(".ht-facts")).ToContainTextAsync(target.Url);
        await Expect(page.Locator(".ht-bounds .ht-level-critical")).ToHaveCountAsync(6);
        await target.DownAsync();
        await Expect(page.Locator(".ht-head .ht-chip")).ToContainTextAsync("Unhealthy", Patient);
        await Expect(page.Locator(".ht-log")).ToContainTextAsync("no answer", Patient);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge down" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge down" }).ClickAsync();
        await Expect(page.GetByText("acknowledged by")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await page.GetByRole(AriaRole.Link, new() { Name = "Services", Exact = true }).First.ClickAsync();
        await Expect(Row(page, "my-shop")).ToContainTextAsync("Unhealthy", Patient);

        await Row(page, "my-shop").GetByRole(AriaRole.Button, new() { NameRegex = new("Delete") }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("Delete") }).ClickAsync();
        await Expect(Row(page, "my-shop")).ToHaveCountAsync(0);
        Assert.Empty(problems);

        await TakePicturesAsync(chromium, healthTrack.Dashboard);
    }

    [Fact]
    public async Task Explorer_BehindTheDashboard_CallsTheApiUnderItsPrefix()
    {
        using var folder = new TemporaryFolder();
        await using var healthTrack = await HealthTrackProcess.StartAsync("--demo", "--data", folder["data"]);
        using var browser = new HttpClient();

        var document = await browser.GetFromJsonAsync<JsonElement>($"{healthTrack.Dashboard}/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Equal("/api", document.GetProperty("servers")[0].GetProperty("url").GetString());
        var own = await healthTrack.Api.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.False(own.TryGetProperty("servers", out var servers) && servers.GetArrayLength() > 0);
    }

    private static ILocator Row(IPage page, string name) => page.Locator($"[data-service={name}]");

    private static async Task OpenServiceAsync(IPage page, string name)
    {
        await Row(page, name).Locator(".ht-name a").ClickAsync();
        await Expect(page.Locator("svg[role=img]")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await Expect(page.Locator(".ht-log tbody tr").First).ToBeVisibleAsync();
    }

    private static async Task TakePicturesAsync(Chromium chromium, string address)
    {
        if (Environment.GetEnvironmentVariable(PicturesVariable) is not { Length: > 0 } folder)
            return;
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var (width, height, suffix) in new[] { (1440, 900, ""), (390, 844, "-phone") })
            {
                var page = await chromium.Browser.NewPageAsync(
                    new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
                await page.GotoAsync(address);
                await Expect(page.Locator(".ht-link")).ToHaveTextAsync("Live");
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"fleet-{(scheme == ColorScheme.Light ? "light" : "dark")}{suffix}.png") });
                await page.CloseAsync();
            }
        }
    }
}
