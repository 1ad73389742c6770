using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HealthTrack.Dashboard.Tests;

/// <summary>What the site serves of its own, run in Production by another host: this test project.</summary>
public sealed partial class SiteTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StaticFiles_OfAnotherHost_AllAnswerAndNoneIsEmpty()
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        var page = await dashboard.Http.GetStringAsync("/", Stop);
        var files = Reference().Matches(page).Select(m => m.Groups["url"].Value).Where(u => u.Contains('.', StringComparison.Ordinal)).ToList();
        Assert.Contains(files, f => f.Contains("blazor.web", StringComparison.Ordinal));
        Assert.Contains(files, f => f.Contains("MudBlazor.min", StringComparison.Ordinal));
        Assert.Contains(files, f => f.Contains("favicon", StringComparison.Ordinal));
        foreach (var file in files)
        {
            Assert.DoesNotContain("//", file, StringComparison.Ordinal);
            Assert.NotEmpty(await dashboard.Http.GetByteArrayAsync("/" + file, Stop));
        }
        Assert.NotEmpty(await dashboard.Http.GetByteArrayAsync("/_framework/blazor.web.js", Stop));
    }

    [Fact]
    public async Task Page_ServicesLoaded_IsPaintedWithItsRows()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments <script>alert(1)</script>"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        var page = await dashboard.Http.GetStringAsync("/", Stop);
        Assert.Contains("Payments &lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServicePage_KnownOrNot_IsPaintedAtOnceOrIs404()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "Payments <script>alert(1)</script>"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Loaded);
        var page = await dashboard.Http.GetStringAsync("/services/1", Stop);
        Assert.Contains("Payments &lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        using var missing = await dashboard.Http.GetAsync("/services/99", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("There is no such service", await missing.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Unknown_Is404WithAWayBack()
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var response = await dashboard.Http.GetAsync("/no/such/page", Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no such page", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_OfPagesAndProxiedData_KeepTheBrowserIn()
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var page = await dashboard.Http.GetAsync("/", Stop);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(page.Headers.Contains("Server"));

        using var data = await dashboard.Http.GetAsync("/api/services", Stop);
        Assert.Contains("default-src 'none'", data.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", data.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_ApiLiveOrAway_Is200AndSaysWhich(string path)
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        await dashboard.UntilAsync(f => f.Status().Link == Api.LinkState.Live);
        var live = await dashboard.Http.GetFromJsonAsync<JsonElement>(path, Stop);
        Assert.Equal(("ok", "live", 1), (live.GetProperty("status").GetString(), live.GetProperty("api").GetString(), live.GetProperty("services").GetInt32()));

        await api.StopAsync();
        await dashboard.UntilAsync(f => f.Status().Link == Api.LinkState.Away);
        var away = await dashboard.Http.GetFromJsonAsync<JsonElement>(path, Stop);
        Assert.Equal(("degraded", "away"), (away.GetProperty("status").GetString(), away.GetProperty("api").GetString()));
    }

    [GeneratedRegex("(?:src|href)=\"(?<url>[^\"#]+)\"")]
    private static partial Regex Reference();
}
