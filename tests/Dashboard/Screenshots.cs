using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;

namespace HealthTrack.Dashboard.Tests;

/// <summary>
/// Pictures of every state of the pages, for people to look at: built on request alone (-p:Screenshots=true), HEALTHTRACK_SHOTS names the folder. Where HEALTHTRACK_PICTURES
/// is set too, those of the documentation that need a long past are taken anew into that folder.
/// </summary>
public sealed class Screenshots
{
    private static string? Folder => Environment.GetEnvironmentVariable("HEALTHTRACK_SHOTS");

    [Theory]
    [InlineData(1440, 900, ColorScheme.Light, "desktop-light")]
    [InlineData(1440, 900, ColorScheme.Dark, "desktop-dark")]
    [InlineData(1024, 768, ColorScheme.Light, "tablet-light")]
    [InlineData(390, 844, ColorScheme.Light, "phone-light")]
    [InlineData(390, 844, ColorScheme.Dark, "phone-dark")]
    public async Task EveryState_IsDrawn(int width, int height, ColorScheme scheme, string name)
    {
        Assert.True(Folder is not null, "HEALTHTRACK_SHOTS names the folder for the pictures.");
        var now = TimeProvider.System.GetUtcNow();
        await using var api = await StubApi.StartAsync(Rows.Varied(now));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Services == 12);
        while (api.OpenStreams == 0)
            await Task.Yield();
        api.Put(Rows.Check(1, "error", 503, "503 Service Unavailable", now));
        foreach (var id in new[] { 3, 4, 7, 8, 9, 10, 11 })
            api.Put(Rows.Check(id, at: now));
        api.Put(Rows.Check(2, "down", null, "Connection refused", now));
        await dashboard.UntilAsync(f => f.Find(2)?.LastCheck is not null);

        await using var chromium = await Chromium.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(8000);
        Task Shoot(string state) => page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{name}-{state}.png"), Animations = ScreenshotAnimations.Disabled });

        await page.GotoAsync(dashboard.Url.ToString());
        await page.Locator("[data-interactive]").WaitForAsync();
        await Shoot("fleet");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{name}-fleet-full.png"), FullPage = true });
        await page.Locator(".ht-message").Nth(1).HoverAsync();
        await Shoot("message");

        api.Refuse = _ => Results.Json(new
        {
            title = "The service is not valid",
            status = 422,
            errors = new[]
            {
                new { path = "url", problem = "\"ftp://files\" is no http or https URL: give one as in https://example.org/." },
                new { path = "spec.timeout", problem = "60 s is not less than the interval of 30 s." },
            },
        }, statusCode: 422);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add service" }).First.ClickAsync();
        await page.Locator("#ht-add-name").FillAsync("Files");
        await page.Locator("#ht-add-url").FillAsync("ftp://files");
        await page.Locator("#ht-add-interval").FillAsync("30");
        await page.Locator("#ht-add-timeout").FillAsync("60");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Add service" }).ClickAsync();
        await page.GetByText("is no http or https URL").WaitForAsync();
        await Shoot("add-errors");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Checkout API" }).ClickAsync();
        await page.GetByText("is no longer checked").WaitForAsync();
        await Shoot("delete");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Run a check of Checkout API now" }).ClickAsync();
        await page.GetByText("Checking Checkout API now").WaitForAsync();
        await Shoot("toast");

        await api.StopAsync();
        await page.GetByText("Live updates are interrupted").WaitForAsync();
        await Shoot("away");

        api.Services.Clear();
        await api.ResumeAsync();
        await page.GetByText("No services yet").WaitForAsync();
        await Shoot("empty");
    }

    [Theory]
    [InlineData(1440, 900, ColorScheme.Light, "desktop-light")]
    [InlineData(1440, 900, ColorScheme.Dark, "desktop-dark")]
    [InlineData(1024, 768, ColorScheme.Dark, "tablet-dark")]
    [InlineData(390, 844, ColorScheme.Light, "phone-light")]
    [InlineData(390, 844, ColorScheme.Dark, "phone-dark")]
    public async Task Service_EveryState_IsDrawn(int width, int height, ColorScheme scheme, string name)
    {
        Assert.True(Folder is not null, "HEALTHTRACK_SHOTS names the folder for the pictures.");
        var now = TimeProvider.System.GetUtcNow();
        await using var api = await StubApi.StartAsync(Rows.Varied(now).Select(r => r with
        {
            Conditions = [new("Ready", "True", "Operating", "The monitor works.", now), new("Healthy", r.Health == "Healthy" ? "True" : "False", r.Reason, r.Message, now)],
            Labels = new Dictionary<string, string> { ["team"] = "payments", ["tier"] = "1" },
        }));
        api.Reads.Fire(api.Services[1], message: "503 Service Unavailable; the last 3 checks failed (failureThreshold 3).");
        api.Reads.Fire(api.Services[1], "errorRate", "warning", "Error rate 38.3 % is above 5 %.");
        foreach (var (ago, lasted) in new[] { (7, (int?)null), (1900, 14), (9000, 210) })
        {
            api.Reads.Incidents.Enqueue(new()
            {
                ServiceId = 1, Namespace = "shop", Name = "checkout-api", StartedAt = now.AddMinutes(-ago), EndedAt = lasted is { } l ? now.AddMinutes(l - ago) : null,
                DurationSeconds = (lasted ?? ago) * 60, Reason = "ChecksFailing", Message = "503 Service Unavailable: expected status 2xx",
            });
        }
        await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions { Api = api.Url, Port = 0, Grafana = new Uri("http://127.0.0.1:1") });
        await dashboard.UntilAsync(f => f.Status().Services == 12);

        await using var chromium = await Chromium.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(8000);
        Task Shoot(string state) => page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{name}-service-{state}.png"), Animations = ScreenshotAnimations.Disabled, FullPage = true });
        foreach (var (id, state) in new[] { (1, "unhealthy"), (6, "invalid"), (7, "healthy"), (10, "long"), (12, "suspended") })
        {
            await page.GotoAsync($"{dashboard.Url}services/{id}");
            await page.Locator(".ht-log").WaitForAsync();
            await page.Locator("svg[role=img]").Nth(1).WaitForAsync();
            await Shoot(state);
            if (id == 1 && width != 1024 && Environment.GetEnvironmentVariable("HEALTHTRACK_PICTURES") is { Length: > 0 } pictures)
            {
                await page.SetViewportSizeAsync(width, width > 1000 ? 1060 : height);
                await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"service-{(scheme == ColorScheme.Light ? "light" : "dark")}{(width > 1000 ? "" : "-phone")}.png"), Animations = ScreenshotAnimations.Disabled });
                await page.SetViewportSizeAsync(width, height);
            }
        }
        api.Reads.Checks = 0;
        await page.GotoAsync($"{dashboard.Url}services/5");
        await page.GetByText("No checks yet").WaitForAsync();
        await Shoot("unchecked");
        await page.GotoAsync($"{dashboard.Url}services/99");
        await page.GetByText("There is no such service").WaitForAsync();
        await Shoot("missing");
        await page.GotoAsync($"{dashboard.Url}grafana/");
        await Shoot("grafana-away");
    }
}
