using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The way to Grafana, against an upstream that says what reached it.</summary>
public sealed class GrafanaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WithEveryKindOfIdentity_ArrivesAsTheViewerAlone()
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(grafana.Url);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/grafana/api/dashboards/uid/x?from=now-1h");
        string[] forged =
        [
            "X-WEBAUTH-USER", "x-webauth-role", "X-WEBAUTH-NAME", "X-WEBAUTH-EMAIL", "X-WEBAUTH-GROUPS", "X_WEBAUTH_USER", "Remote-User", "Remote-Groups", "X-Remote-User",
            "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Auth-Request-User", "X-HealthTrack-User", "X-HealthTrack-Groups",
            "Authorization", "Proxy-Authorization", "X-JWT-Assertion", "X-Grafana-Id", "X-Access-Token", "X-Real-IP", "Forwarded", "X-Some-Later-Identity",
        ];
        foreach (var name in forged)
            request.Headers.TryAddWithoutValidation(name, "admin");
        request.Headers.TryAddWithoutValidation("Cookie", "grafana_session=s1; .AspNetCore.Antiforgery.x=secret; healthtrack=secret; grafana_session_expiry=9");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "10.9.9.9");
        request.Headers.TryAddWithoutValidation("X-Grafana-Org-Id", "1");
        request.Headers.TryAddWithoutValidation("X-Panel-Id", "7");
        request.Headers.TryAddWithoutValidation("Accept-Language", "de");
        using var response = await dashboard.Http.SendAsync(request, Stop);

        var seen = await SeenAsync(response);
        Assert.Equal(("/grafana/api/dashboards/uid/x", "?from=now-1h"), (seen.Path, seen.Query));
        Assert.Equal("viewer", seen.Header("X-WEBAUTH-USER"));
        Assert.Equal("Viewer", seen.Header("X-WEBAUTH-ROLE"));
        Assert.DoesNotContain(seen.Headers, h => h.Value.Contains("admin", StringComparison.Ordinal));
        Assert.Equal("grafana_session=s1; grafana_session_expiry=9", seen.Header("Cookie"));
        Assert.Equal(dashboard.Url.Authority, seen.Header("Host"));
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal(("1", "7", "de"), (seen.Header("X-Grafana-Org-Id"), seen.Header("X-Panel-Id"), seen.Header("Accept-Language")));
    }

    [Fact]
    public async Task Answer_CookiesAndHeaders_AreGrafanasAndKeepTheBrowserIn()
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(grafana.Url);
        using var response = await dashboard.Http.GetAsync("/grafana/", Stop);
        Assert.Equal(["grafana_session=new; Path=/grafana"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal("frame-ancestors 'self'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Query_PostedFromThisSite_ArrivesWhole()
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(grafana.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/grafana/api/ds/query") { Content = JsonContent.Create(new { queries = 1 }) };
        request.Headers.Add("Origin", dashboard.Url.GetLeftPart(UriPartial.Authority));
        using var response = await dashboard.Http.SendAsync(request, Stop);
        var seen = await SeenAsync(response);
        Assert.Equal(("POST", "application/json; charset=utf-8"), (seen.Method, seen.Header("Content-Type")));
        Assert.Equal(dashboard.Url.GetLeftPart(UriPartial.Authority), seen.Header("Origin"));

        request.Dispose();
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/grafana/api/ds/query");
        foreign.Headers.Add("Origin", "http://evil.example");
        using var refused = await dashboard.Http.SendAsync(foreign, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task WebSocket_OfGrafanaLive_PassesBothWaysAsTheViewer()
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(grafana.Url);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-WEBAUTH-USER", "admin");
        socket.Options.SetRequestHeader("Origin", dashboard.Url.GetLeftPart(UriPartial.Authority));
        await socket.ConnectAsync(new UriBuilder(dashboard.Url) { Scheme = "ws", Path = "/grafana/api/live/ws" }.Uri, Stop);
        Assert.Equal("viewer", await ReceiveAsync(socket));
        await socket.SendAsync("{\"id\":1}"u8.ToArray(), WebSocketMessageType.Text, true, Stop);
        Assert.Equal("{\"id\":1}", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/grafana")]
    [InlineData("/grafana/")]
    public async Task Url_WithOrWithoutTheSubPath_MeansTheSame(string path)
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(new Uri(grafana.Url, path));
        using var response = await dashboard.Http.GetAsync("/grafana/d/healthtrack-fleet", Stop);
        Assert.Equal("/grafana/d/healthtrack-fleet", (await SeenAsync(response)).Path);
    }

    [Fact]
    public async Task Path_WithoutItsSlash_LeadsToTheOneWith()
    {
        await using var grafana = await EchoUpstream.StartAsync();
        await using var dashboard = await StartAsync(grafana.Url);
        using var response = await dashboard.Http.GetAsync("/grafana?orgId=1", Stop);
        Assert.Equal((HttpStatusCode.Redirect, "/grafana/?orgId=1"), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("/grafana")]
    [InlineData("/grafana/d/healthtrack-service?var-service=a")]
    public async Task Grafana_NotConfigured_IsAPageThatSaysHow(string path)
    {
        await using var dashboard = await StartAsync(null);
        var (status, page, policy) = await AskAsPersonAsync(dashboard, path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("--grafana URL", page, StringComparison.Ordinal);
        Assert.Contains("header_name = X-WEBAUTH-USER", page, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        using var data = await dashboard.Http.GetAsync(path, Stop);
        Assert.Equal("application/problem+json", data.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Grafana_Away_IsAPageForPeopleAndAProblemForScripts()
    {
        var grafana = await EchoUpstream.StartAsync();
        var url = grafana.Url;
        await grafana.DisposeAsync();
        await using var dashboard = await StartAsync(url);
        var (status, page, policy) = await AskAsPersonAsync(dashboard, "/grafana/");
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("Grafana does not answer", page, StringComparison.Ordinal);
        Assert.Contains(url.Authority, page, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        using var data = await dashboard.Http.GetAsync("/grafana/api/health", Stop);
        Assert.Equal((HttpStatusCode.BadGateway, "application/problem+json"), (data.StatusCode, data.Content.Headers.ContentType?.MediaType));
    }

    // No API is needed: nothing listens at its address.
    private static Task<RunningDashboard> StartAsync(Uri? grafana) =>
        RunningDashboard.StartAsync(new DashboardOptions { Api = new Uri("http://127.0.0.1:1"), Port = 0, Grafana = grafana });

    private static async Task<SeenRequest> SeenAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = await response.Content.ReadFromJsonAsync<SeenRequest>(JsonSerializerOptions.Web, Stop);
        return seen! with { Headers = new Dictionary<string, string>(seen.Headers, StringComparer.OrdinalIgnoreCase) };
    }

    private static async Task<(HttpStatusCode Status, string Page, string Policy)> AskAsPersonAsync(RunningDashboard dashboard, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html,application/xhtml+xml");
        using var response = await dashboard.Http.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers.GetValues("Content-Security-Policy").Single());
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, Stop);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
