using System.Net;
using System.Text.Json;

namespace HealthTrack.Dashboard.Tests;

public sealed class ProxyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_Path_GoesOnWithoutThePrefix()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var response = await dashboard.Http.GetAsync("/api/services?limit=5", Stop);
        Assert.Equal(1, (await response.Content.ReadFromJsonAsync<JsonElement>(Stop))[0].GetProperty("id").GetInt64());
        Assert.Contains(api.Requests, r => r is { Path: "/services", Query: "?limit=5" });
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    public async Task Docs_Path_GoesOnAsItIs(string path)
    {
        await using var api = await StubApi.StartAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var response = await dashboard.Http.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(api.Requests, r => r.Path == path);
    }

    [Fact]
    public async Task Write_FromThisSite_ArrivesAsTheDashboardsOwn()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/services/1");
        request.Headers.Add("Origin", dashboard.Url.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Add("X-HealthTrack-User", "admin");
        request.Headers.Add("X-HealthTrack-Groups", "system:masters");
        using var response = await dashboard.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var seen = Assert.Single(api.Requests, r => r.Method == "DELETE");
        Assert.Equal(api.Url.Authority, seen.Header("Host"));
        Assert.All(["Origin", "Sec-Fetch-Site", "Cookie", "X-HealthTrack-User", "X-HealthTrack-Groups"], name => Assert.Null(seen.Header(name)));
    }

    [Theory]
    [InlineData("/api/services", "127.0.0.1", false)]
    [InlineData("/openapi/v1.json", "127.0.0.1", false)]
    [InlineData("/docs", "127.0.0.1", false)]
    [InlineData("/api/services", "127.0.0.1", true)]
    [InlineData("/api/services", "0.0.0.0", true)]
    public async Task Header_OfTheVisitor_DoesNotSpeakForTheDashboard(string path, string bind, bool hasToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "the-dashboards-own-token\n", Stop);
            await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
            await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions
            {
                Api = api.Url, Port = 0, Bind = bind, ApiTokenFile = hasToken ? file : null,
            });
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer visitor");
            request.Headers.TryAddWithoutValidation("x-healthtrack-user", "visitor");
            request.Headers.TryAddWithoutValidation("X-HealthTrack-Groups", "visitor");
            request.Headers.TryAddWithoutValidation("X-HealthTrack-Prefix", "/visitor");
            request.Headers.TryAddWithoutValidation("X-HealthTrack-Later", "visitor");
            request.Headers.TryAddWithoutValidation("X-Seen", "1");
            using var response = await dashboard.Http.SendAsync(request, Stop);

            var seen = Assert.Single(api.Requests, r => r.Header("X-Seen") == "1");
            // Beyond loopback nobody knows who the visitor is: everybody reads what the pages show.
            Assert.Equal(hasToken ? "Bearer the-dashboards-own-token" : null, seen.Header("Authorization"));
            Assert.All(["X-HealthTrack-User", "X-HealthTrack-Groups", "X-HealthTrack-Later"], name => Assert.Null(seen.Header(name)));
            Assert.Equal(path.StartsWith("/openapi", StringComparison.Ordinal) ? "/api" : null, seen.Header("X-HealthTrack-Prefix"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Stream_Events_PassOneByOne()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var response = await dashboard.Http.GetAsync("/api/stream", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        Assert.Equal(": open", await reader.ReadLineAsync(Stop));
        foreach (var health in new[] { "Degraded", "Unhealthy" })
        {
            // The next is sent only once the one before has arrived: a buffer would keep it for ever.
            api.Put(Rows.Service(1, "a", health));
            string? line;
            do
                line = await reader.ReadLineAsync(Stop);
            while (line?.Contains($"\"health\":\"{health}\"", StringComparison.Ordinal) == false);
            Assert.NotNull(line);
        }
    }

    [Fact]
    public async Task Api_Away_IsAProblemWithASentence()
    {
        await using var api = await StubApi.StartAsync();
        await api.StopAsync();
        await using var dashboard = await RunningDashboard.StartAsync(api.Url);
        using var response = await dashboard.Http.GetAsync("/api/services", Stop);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Contains("does not answer", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
