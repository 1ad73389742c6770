using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HealthTrack.Engine.Tests.Api;

public sealed partial class DocumentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_Operations_SayWhatTheyDoAndWhatGoesWrong()
    {
        await using var host = await EngineHost.StartAsync();
        var document = await host.GetAsync<JsonElement>("/openapi/v1.json", Cancel);
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(o => (Path: path.Name, Method: o.Name, Operation: o.Value))).ToList();

        Assert.Equal(
            [
                "get /alerts", "get /badges/{id}/uptime.svg", "get /channels", "get /healthz", "get /incidents", "get /leaderz", "get /metrics", "get /pools", "get /readyz", "get /services", "get /services/{id}", "get /services/{id}/checks",
                "get /services/{id}/checks-detailed", "get /services/{id}/history", "get /services/{id}/incidents", "get /services/{id}/metrics-summary", "get /stream", "get /workers",
                "delete /services/{id}", "post /alerts/{id}/acknowledge", "post /channels/{name}/test", "post /checks/try", "post /services", "post /services/{id}/run", "put /services/{id}",
            ],
            operations.Select(o => $"{o.Method} {o.Path}").OrderBy(o => o.StartsWith("get", StringComparison.Ordinal) ? 0 : 1).ThenBy(o => o, StringComparer.Ordinal));
        Assert.All(operations, o => Assert.NotEmpty(o.Operation.GetProperty("summary").GetString()!));
        Assert.Contains(operations, o => o.Operation.GetProperty("summary").GetString()!.Contains("next page is in the Link header", StringComparison.Ordinal));
        Assert.All(operations.Where(o => o.Path.Contains("{id}", StringComparison.Ordinal)), o => Assert.True(o.Operation.GetProperty("responses").TryGetProperty("404", out _)));
        Assert.All(operations.Where(o => o.Method is "post" or "put" && o.Path is not ("/services/{id}/run" or "/alerts/{id}/acknowledge" or "/channels/{name}/test")), o => Assert.True(o.Operation.TryGetProperty("requestBody", out _)));
        var invalid = operations.Single(o => (o.Path, o.Method) == ("/services", "post")).Operation
            .GetProperty("responses").GetProperty("422").GetProperty("content").GetProperty("application/problem+json").GetProperty("schema");
        Assert.Contains("errors", invalid.GetRawText(), StringComparison.Ordinal);
        var row = document.GetProperty("components").GetProperty("schemas").GetProperty("ServiceRow").GetProperty("properties");
        Assert.True(row.TryGetProperty("uptime_percent_24h", out _));
    }

    [Fact]
    public async Task Explorer_Page_LoadsNothingFromAnotherHost()
    {
        await using var host = await EngineHost.StartAsync();
        using var page = await host.Client.GetAsync("/docs", Cancel);
        var at = page.StatusCode == HttpStatusCode.OK ? new Uri(host.Client.BaseAddress!, "/docs") : new Uri(host.Client.BaseAddress!, page.Headers.Location!);
        using var response = await host.Client.GetAsync(at, Cancel);
        var html = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Contains("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("openapi/v1.json", html, StringComparison.Ordinal);
        var addresses = OtherHosts().Matches(html).Select(m => m.Value).Where(a => !a.Contains("127.0.0.1", StringComparison.Ordinal)).ToList();
        Assert.Empty(addresses);
        var scripts = ScriptSources().Matches(html).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            var text = await host.Client.GetStringAsync(new Uri(at, script), Cancel);
            Assert.True(text.Length > 100, $"{script} is empty");
        }
        Assert.Contains("\"withDefaultFonts\":false", Regex.Replace(html, @"\s", ""), StringComparison.Ordinal);
        Assert.Contains("\"telemetry\":false", Regex.Replace(html, @"\s", ""), StringComparison.Ordinal);
    }

    [GeneratedRegex("""(https?:)?//[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}[^"'\s]*""")]
    private static partial Regex OtherHosts();

    [GeneratedRegex("""<script[^>]*\ssrc="([^"]+)""")]
    private static partial Regex ScriptSources();
}
