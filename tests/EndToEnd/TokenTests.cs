using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>The program with a token: the API asks for it, the dashboard has it.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task Api_WithAToken_AsksForItAndTheDashboardBringsIt()
    {
        const string Token = "a-token-that-is-long-enough";
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], Token + "\n", TestContext.Current.CancellationToken);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--demo", "--data", folder["data"], "--api-token-file", folder["token"]);

        Assert.Equal(HttpStatusCode.Unauthorized, (await healthTrack.Api.GetAsync("/services", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await healthTrack.Api.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode);
        healthTrack.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await healthTrack.WaitForAsync("storefront", r => r.ChecksCount > 0);

        using var browser = new HttpClient { BaseAddress = new Uri(healthTrack.Dashboard) };
        var rows = await browser.GetFromJsonAsync<ServiceRow[]>("/api/services", ApiJson.Options, TestContext.Current.CancellationToken);
        Assert.Contains(rows!, r => r.Name == "storefront");
        await Eventually.BeAsync(
            async () => (await browser.GetStringAsync("/", TestContext.Current.CancellationToken)).Contains("Storefront", StringComparison.Ordinal),
            "the page shows a service");
        Assert.DoesNotContain(Token, healthTrack.Output, StringComparison.Ordinal);
    }
}
