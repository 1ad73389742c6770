using System.Text.Json.Nodes;
using HealthTrack.EndToEnd.Browser;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace HealthTrack.EndToEnd.Tests.Whole;

/// <summary>From <c>kubectl apply</c> to everything that HealthTrack says about a service, over all the parts that it has in production.</summary>
public sealed class WholeSystemTests(WholeSystem system) : IClassFixture<WholeSystem>
{
    private static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 60_000 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_TargetFailsAndRecovers_AllOutputsSayTheSame()
    {
        await using var target = await StubTarget.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await page.GotoAsync(system.Dashboard);
        await DeclareAsync("cart", target.Url);
        await AllSayAsync(page, "cart", "Healthy");

        target.Status = 500;
        await AllSayAsync(page, "cart", "Unhealthy");
        await system.UntilPrometheusSaysAsync("""count(health_checks_total{namespace="shop",service="cart",status="error"} > 0)""", 1);
        await UntilToldAsync("cart", firing: 1, resolved: 0);

        target.Status = 200;
        await AllSayAsync(page, "cart", "Healthy");
        await UntilToldAsync("cart", firing: 1, resolved: 1);

        var changes = await EventsAsync("health_changes", "cart", 3);
        Assert.Equal(["Healthy", "Unhealthy", "Healthy"], changes.Select(e => (string?)e["health"]));
        var alerts = await EventsAsync("health_alerts", "cart", 2);
        Assert.Equal(["firing", "resolved"], alerts.Select(e => (string?)e["state"]));
        var api = await system.GetAsync($"{system.Dashboard}/api/services?q=cart");
        var id = (long)api![0]!["id"]!;
        var stored = (await system.GetAsync($"{system.Dashboard}/api/services/{id}/checks?limit=1000"))!.AsArray();
        var sent = await EventsAsync("health_checks", "cart", stored.Count);
        // The same checks, each once: by due time and outcome.
        Assert.Equal(
            stored.Select(c => ((string?)c!["timestamp"], (string?)c["status"])).Order(),
            sent.Select(e => ((string?)e["timestamp"], (string?)e["status"])).Where(e => stored.Any(c => (string?)c!["timestamp"] == e.Item1)).Order());
        // The rights that the chart gives were enough.
        var metrics = await system.MetricsAsync();
        Assert.Contains("rest_client_requests_total{code=\"200\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("code=\"403\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RedisAway_IsStillToldOnce()
    {
        await using var target = await StubTarget.StartAsync();
        await DeclareAsync("search", target.Url);
        await system.UntilHealthAsync("search", "Healthy");
        await system.Redis.StopAsync();
        try
        {
            target.Status = 500;
            await system.UntilHealthAsync("search", "Unhealthy");
            await UntilToldAsync("search", firing: 1, resolved: 0);
            target.Status = 200;
            await system.UntilHealthAsync("search", "Healthy");
            await UntilToldAsync("search", firing: 1, resolved: 1);
        }
        finally
        {
            await system.Redis.StartAsync(Token);
        }
    }

    [Fact]
    public async Task Run_OperatorKilledBetweenDecidingAndSending_TheMessageComesUnderOneKey()
    {
        await using var target = await StubTarget.StartAsync();
        await DeclareAsync("stock", target.Url);
        await system.UntilHealthAsync("stock", "Healthy");
        using var hold = new SemaphoreSlim(0);
        system.Slack.Hold = hold;
        target.Status = 500;
        // The first attempt is on its way and has no answer: whether it arrived, nobody but the receiver knows.
        await Eventually.BeAsync(() => Task.FromResult(Told("stock").Count > 0), "the first attempt", 60);
        await system.Operator.KillAsync(Token);
        system.Slack.Hold = null;
        hold.Release(100);

        await Eventually.BeAsync(() => Task.FromResult(Told("stock").Count > 1), $"the second attempt\n{system.Tails()}", 120);
        target.Status = 200;
        await system.UntilHealthAsync("stock", "Healthy");
        await Eventually.BeAsync(() => Task.FromResult(Told("stock").Any(m => !m.Firing)), "its end is told", 60);
        Assert.Single(Told("stock").Where(m => m.Firing).Select(m => m.Key).Distinct());
        Assert.Single(Told("stock"), m => !m.Firing);
    }

    private Task DeclareAsync(string name, string url) => system.ApplyAsync(
        $"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata:
          name: {name}
          namespace: {WholeSystem.Namespace}
        spec:
          interval: 1s
          http:
            url: {url}
          failureThreshold: 2
          # What failed stays in the hour's numbers: without this it would be Degraded once it is well again.
          thresholds:
            errorRate:
              warning: 100
              critical: 100
            apdex:
              warning: 0
              critical: 0
          alerts:
            channels:
              - name: slack
            signals: [down]
        """);

    private async Task AllSayAsync(IPage page, string name, string health)
    {
        await system.UntilHealthAsync(name, health);
        await system.UntilPrometheusSaysAsync($$"""healthtrack_health{namespace="shop",service="{{name}}",state="{{health}}"}""", 1);
        await Expect(page.Locator("tr", new() { HasText = name })).ToContainTextAsync(health, Patient);
    }

    private Task UntilToldAsync(string name, int firing, int resolved) => Eventually.BeAsync(
        () =>
        {
            var told = Told(name);
            return Task.FromResult(told.Count(m => m.Firing) == firing && told.Count(m => !m.Firing) == resolved);
        },
        $"{firing} firing and {resolved} resolved messages of {name}: {string.Join(", ", Told(name))}", 60);

    private List<(string Key, bool Firing)> Told(string name) =>
    [
        .. system.Slack.Messages.Where(m => m.Body.ToJsonString().Contains($"{WholeSystem.Namespace}/{name}", StringComparison.Ordinal))
            .Select(m => (m.Key, !((string)m.Body["text"]!).Contains('✅', StringComparison.Ordinal))),
    ];

    private async Task<List<JsonNode>> EventsAsync(string topic, string name, int atLeast) =>
        [.. (await system.Kafka.ReadAsync(topic, $"{WholeSystem.Namespace}/{name}", atLeast, Token)).Select(e => JsonNode.Parse(e.Message.Value)!)];
}
