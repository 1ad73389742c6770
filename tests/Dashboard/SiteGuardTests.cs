using System.Net;
using HealthTrack.Dashboard.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Dashboard.Tests;

public sealed class SiteGuardTests
{
    private static readonly DashboardOptions Loopback = new();
    private static readonly DashboardOptions Wide = new() { Bind = "0.0.0.0" };

    [Theory]
    [InlineData("127.0.0.1:3000")]
    [InlineData("localhost:3000")]
    [InlineData("LOCALHOST")]
    [InlineData("healthtrack.localhost:3000")]
    [InlineData("[::1]:3000")]
    public async Task Host_Loopback_Passes(string host) => Assert.Null(await RefusalAsync(Loopback, "GET", host));

    [Theory]
    [InlineData("rebound.example.org:3000")]
    [InlineData("localhost.example.org")]
    [InlineData("192.168.1.7:3000")]
    [InlineData("")]
    public async Task Host_Foreign_IsRefusedOnLoopbackOnly(string host)
    {
        Assert.Equal(400, await RefusalAsync(Loopback, "GET", host));
        Assert.Null(await RefusalAsync(Wide, "GET", host));
    }

    [Theory]
    [InlineData("http://127.0.0.1:3000", null)]
    [InlineData("https://127.0.0.1:3000", null)]
    [InlineData("http://127.0.0.1:8000", 403)]
    [InlineData("http://localhost:3000", 403)]
    [InlineData("https://evil.example.org", 403)]
    [InlineData("null", 403)]
    [InlineData("chrome-extension://127.0.0.1:3000", 403)]
    public async Task Origin_ThisSiteAlone_Passes(string origin, int? refusal)
    {
        Assert.Equal(refusal, await RefusalAsync(Loopback, "POST", "127.0.0.1:3000", origin: origin));
        // A WebSocket is opened by a GET, and no preflight protects it.
        Assert.Equal(refusal, await RefusalAsync(Loopback, "GET", "127.0.0.1:3000", "/_blazor", origin));
    }

    [Theory]
    [InlineData("https://ht.example.org", "ht.example.org", null)]
    [InlineData("https://ht.example.org", "ht.example.org:443", null)]
    [InlineData("https://ht.example.org", "ht.example.org:8443", 403)]
    public async Task Origin_BehindTls_IsComparedWithoutTheScheme(string origin, string host, int? refusal) =>
        Assert.Equal(refusal, await RefusalAsync(Wide, "POST", host, "/", origin));

    [Theory]
    [InlineData("POST", "cross-site", 403)]
    [InlineData("DELETE", "same-site", 403)]
    [InlineData("POST", "same-origin", null)]
    [InlineData("GET", "cross-site", 403)]
    [InlineData("GET", "same-site", null)]
    public async Task FetchSite_WritesFromElsewhere_AreRefused(string method, string site, int? refusal) =>
        Assert.Equal(refusal, await RefusalAsync(Loopback, method, "localhost:3000", fetchSite: site));

    [Theory]
    [InlineData("/api/stream", "no-cors", "image", 403)]
    [InlineData("/openapi/v1.json", "cors", "empty", 403)]
    [InlineData("/docs", "navigate", "iframe", 403)]
    [InlineData("/docs", "navigate", "document", null)]
    [InlineData("/", "no-cors", "image", null)]
    public async Task FetchSite_ReadsOfTheApiFromElsewhere_AreFollowedLinksAlone(string path, string mode, string destination, int? refusal) =>
        Assert.Equal(refusal, await RefusalAsync(Loopback, "GET", "localhost:3000", path, fetchSite: "cross-site", mode: mode, destination: destination));

    [Fact]
    public async Task Write_BoundBeyondLoopback_IsRefused()
    {
        Assert.Equal(403, await RefusalAsync(Wide, "DELETE", "ht.example.org", "/api/services/1"));
        Assert.Null(await RefusalAsync(Wide, "GET", "ht.example.org", "/api/services/1"));
        Assert.Null(await RefusalAsync(Wide, "POST", "ht.example.org", "/_blazor/negotiate"));
    }

    [Fact]
    public async Task Request_FromAForeignSite_NeverReachesTheApi()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var foreign = new HttpRequestMessage(HttpMethod.Delete, "/api/services/1");
        foreign.Headers.Add("Origin", "https://evil.example.org");
        using var refused = await dashboard.Http.SendAsync(foreign, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/api/services");
        rebound.Headers.Host = "rebound.example.org";
        using var bad = await dashboard.Http.SendAsync(rebound, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.DoesNotContain(api.Requests, r => r.Method == "DELETE");
    }

    // The status of the refusal, or null where the request went on.
    private static async Task<int?> RefusalAsync(
        DashboardOptions options, string method, string host, string path = "/api/services", string? origin = null, string? fetchSite = null,
        string? mode = null, string? destination = null)
    {
        var passed = false;
        var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.Headers.Host = host;
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        if (fetchSite is not null)
            context.Request.Headers["Sec-Fetch-Site"] = fetchSite;
        if (mode is not null)
            (context.Request.Headers["Sec-Fetch-Mode"], context.Request.Headers["Sec-Fetch-Dest"]) = (mode, destination);
        var guard = new SiteGuard(_ =>
        {
            passed = true;
            return Task.CompletedTask;
        }, options, NullLogger<SiteGuard>.Instance);
        await guard.InvokeAsync(context);
        return passed ? null : context.Response.StatusCode;
    }
}
