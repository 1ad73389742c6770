using System.Xml.Linq;
using HealthTrack.Core.Checks;

namespace HealthTrack.Engine.Tests.Api;

public sealed class BadgeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0, "unknown", "#6e7781")]
    [InlineData(3, 0, "100%", "#2e7d32")]
    [InlineData(2, 1, "66.66%", "#c62828")]
    [InlineData(13, 1, "92.85%", "#9a6700")]
    public async Task Uptime_SomeChecks_IsRoundedDownInItsColour(int good, int bad, string value, string colour)
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        await using var worker = await host.WorkerAsync(Cancel);
        if (good + bad > 0)
        {
            await worker.SendAsync(Cancel, [.. Enumerable.Range(0, good + bad).Select(i =>
                EngineHost.Result(state, host.Now - 50_000 + i, i < good ? Outcome.Ok : Outcome.Down))]);
            await worker.UntilAcknowledgedAsync(Cancel);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/badges/{state.Id}/uptime.svg");
        request.Headers.Host = "readme.example";
        using var response = await host.Client.SendAsync(request, Cancel);

        Assert.Equal("image/svg+xml", response.Content.Headers.ContentType?.MediaType);
        var svg = XDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal($"uptime 24h: {value}", svg.Root!.Attribute("aria-label")!.Value);
        Assert.Contains(svg.Descendants(), e => e.Attribute("fill")?.Value == colour);
    }

    [Fact]
    public async Task Uptime_UnknownService_Is404()
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.Client.GetAsync("/badges/9/uptime.svg", Cancel);
        await EngineHost.ProblemAsync(response, 404, Cancel);
    }
}
