using System.Net;
using System.Text.Json;
using Bunit;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Ui.Services;
using MudBlazor;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The page of one service and its states, without a browser.</summary>
public sealed class ServicePageTests : PageTests
{
    private readonly List<string> _asked = [];

    public ServicePageTests() => Answer = Recorded(_ => Json("[]"));

    [Fact]
    public void Page_NothingLoaded_SaysThatItConnectsOrThatTheApiIsAway()
    {
        Assert.Contains("Connecting to the API", Render(1).Markup, StringComparison.Ordinal);
        Fleet.Away();
        Assert.Contains("appears by itself once the API answers", Render(1).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NoSuchServiceAndThenDeleted_SaysWhich()
    {
        Fleet.Load([Rows.Service(1, "Payments")]);
        Assert.Contains("There is no such service", Render(99).Markup, StringComparison.Ordinal);
        var page = Render(1);
        Fleet.Remove(1);
        await BeatUntilAsync(() => page.Markup.Contains("The service is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void Head_Unhealthy_SaysHealthReasonMessageTargetAndInterval()
    {
        Fleet.Load([Rows.Varied(Rows.Noon)[0] with { Conditions = [new("Ready", "True", "Operating", "The monitor works.", Rows.Noon), new("Healthy", "False", "CheckFailed", "503", Rows.Noon)] }]);
        var page = Render(1);
        Assert.Equal("Checkout API", page.Find("h1").TextContent);
        Assert.Equal("Unhealthy", page.Find(".ht-head .ht-chip").TextContent.Trim());
        Assert.Contains("CheckFailed", page.Find(".ht-why").TextContent, StringComparison.Ordinal);
        Assert.Contains("3 checks in a row", page.Find(".ht-why").TextContent, StringComparison.Ordinal);
        var facts = Squeezed(page.Find(".ht-facts").TextContent);
        Assert.Contains("https://checkout.shop.example.com/healthz", facts, StringComparison.Ordinal);
        Assert.Contains("shop/checkout-api", facts, StringComparison.Ordinal);
        Assert.Contains("Interval30 s", facts, StringComparison.Ordinal);
        Assert.Contains("True, Operating", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tiles_WithSettings_WearTheirColoursAndSayTheirThresholds()
    {
        Fleet.Load([Rows.Varied(Rows.Noon)[2]]);
        Answer = Recorded(r => r.RequestUri!.AbsolutePath == "/services/3" ? Json(new ServiceDetail(Rows.Varied(Rows.Noon)[2], StubReads.Settings)) : Json("[]"));
        var page = Render(3);
        await BeatUntilAsync(() => page.FindAll(".ht-bounds .ht-level-critical").Count == 6);
        var tiles = page.FindAll(".ht-tile").Select(t => Squeezed(t.TextContent)).ToList();
        Assert.Equal(8, tiles.Count);
        Assert.Equal("Average latency warning: 1,180ms warning above > 1,000 critical above > 1,500", tiles[0]);
        Assert.StartsWith("P99 latency critical: 3,420ms", tiles[2], StringComparison.Ordinal);
        Assert.StartsWith("Apdex T 1 s warning: 0.74 warning below < 0.8 critical below < 0.6", tiles[3], StringComparison.Ordinal);
        Assert.StartsWith("Request rate 6.0/min", tiles[6], StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NeverChecked_SaysSoAndShowsNoZero()
    {
        Fleet.Load([Rows.Service(1, "New", "Unknown")]);
        var page = Render(1);
        Assert.All(page.FindAll(".ht-tile-value"), v => Assert.Equal("–", v.TextContent));
        Assert.Contains("not checked yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_NothingYet_SayThatNothingIsThere()
    {
        Fleet.Load([Rows.Service(1, "New", "Unknown")]);
        Answer = Recorded(r => r.RequestUri!.AbsolutePath.EndsWith("/history", StringComparison.Ordinal) ? Json(HistoryOf(0)) : Json("[]"));
        var page = Render(1);
        await BeatUntilAsync(() => page.Markup.Contains("No checks in this stretch yet", StringComparison.Ordinal));
        await BeatUntilAsync(() => page.Markup.Contains("No checks yet.", StringComparison.Ordinal) && page.Markup.Contains("Nothing fires.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_ApiRefuses_SayWhyAndRecoverByThemselves()
    {
        Fleet.Load([Rows.Service(1, "a")]);
        var well = false;
        Answer = Recorded(r => !well ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = JsonContent.Create(new { detail = "The store is away." }) }
            : r.RequestUri!.AbsolutePath.EndsWith("/history", StringComparison.Ordinal) ? Json(HistoryOf(3)) : Json("[]"));
        var page = Render(1);
        await BeatUntilAsync(() => page.FindAll(".ht-problem").Count == 3);
        Assert.Contains("Cannot be shown. The store is away.", page.Find(".ht-problem").TextContent, StringComparison.Ordinal);
        well = true;
        await BeatUntilAsync(() => page.FindAll(".ht-problem").Count == 0);
        Assert.NotEmpty(page.FindAll("svg[role=img]"));
    }

    [Fact]
    public async Task History_Shown_HasTitleTextAndATable()
    {
        Fleet.Load([Rows.Service(1, "a")]);
        Answer = Recorded(r => r.RequestUri!.AbsolutePath.EndsWith("/history", StringComparison.Ordinal) ? Json(HistoryOf(3)) : Json("[]"));
        var page = Render(1);
        await BeatUntilAsync(() => page.FindAll("svg[role=img]").Count == 2);
        Assert.Contains("between 20 ms and 22 ms", page.Find("#latency-text").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("27 ok, 0 warning, 0 error, 3 no answer, 0 unknown", page.Find("#outcome-text").TextContent, StringComparison.Ordinal);
        Assert.Equal(3, page.FindAll(".ht-plain tbody tr").Count);
        Assert.Contains(_asked, a => a.Contains("/history?from=", StringComparison.Ordinal) && a.EndsWith("step=60", StringComparison.Ordinal));
        await page.FindAll(".ht-panel .ht-filter").Single(b => b.TextContent == "7 d").ClickAsync(new());
        Assert.Contains(_asked, a => a.EndsWith("step=7200", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checks_Pages_GoOlderAndNewerAndTheFirstFollowsTheStream()
    {
        Fleet.Load([Rows.Service(1, "a")]);
        Answer = Recorded(r =>
        {
            if (!r.RequestUri!.AbsolutePath.EndsWith("/checks", StringComparison.Ordinal))
                return Json("[]");
            var old = r.RequestUri.Query.Contains("after=5-6", StringComparison.Ordinal);
            var answer = Json(new[] { Rows.Check(1, old ? "down" : "ok", old ? null : 200, old ? "connection refused" : null) });
            if (!old)
                answer.Headers.TryAddWithoutValidation("Link", "<?limit=25&after=5-6>; rel=\"next\"");
            return answer;
        });
        var page = Render(1);
        await BeatUntilAsync(() => page.FindAll(".ht-log tbody tr").Count == 1);
        var read = _asked.Count(IsCheckRead);
        Fleet.Put(Rows.Check(1, at: Rows.Noon.AddHours(1)));
        await BeatUntilAsync(() => _asked.Count(IsCheckRead) > read);

        await page.FindAll(".ht-pages button")[1].ClickAsync(new());
        Assert.Contains("connection refused", page.Find(".ht-log-message").TextContent, StringComparison.Ordinal);
        Assert.Contains("page 2", page.Markup, StringComparison.Ordinal);
        Assert.True(page.FindAll(".ht-pages button")[1].HasAttribute("disabled"));
        await page.FindAll(".ht-pages button")[0].ClickAsync(new());
        Assert.Contains("200", page.Find(".ht-log tbody").TextContent, StringComparison.Ordinal);

        static bool IsCheckRead(string asked) => asked.Contains("/checks?", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alert_Acknowledged_AsksTheApiAndSaysSo()
    {
        var service = Rows.Service(1, "a", "Unhealthy");
        Fleet.Load([service]);
        await using var stub = await StubApi.StartAsync();
        var alert = stub.Reads.Fire(service, message: "connection refused");
        Answer = Recorded(r => r.Method == HttpMethod.Post ? Json(alert) : r.RequestUri!.AbsolutePath == "/alerts" ? Json(new[] { alert }) : Json("[]"));
        var page = Render(1);
        await BeatUntilAsync(() => page.FindAll("button[aria-label='Acknowledge down']").Count == 1);
        await page.Find("button[aria-label='Acknowledge down']").ClickAsync(new());
        Assert.Contains($"POST /alerts/{alert.Id}/acknowledge", _asked);
        Assert.Equal(Severity.Success, Assert.Single(Context.Services.GetRequiredService<ISnackbar>().ShownSnackbars).Severity);
    }

    [Fact]
    public void Page_BoundBeyondLoopback_OffersNoWrites()
    {
        Options = new DashboardOptions { Bind = "0.0.0.0", Grafana = new Uri("http://127.0.0.1:3001") };
        Fleet.Load([Rows.Service(1, "a")]);
        var page = Render(1);
        Assert.Empty(page.FindAll(".ht-actions button"));
        Assert.Equal("/grafana/d/healthtrack-service?var-namespace=default&var-service=a", page.Find(".ht-actions a").GetAttribute("href"));
    }

    [Theory]
    [InlineData("Suspended", "http")]
    [InlineData("Unknown", null)]
    public void Run_SuspendedOrInvalid_IsNotOffered(string health, string? kind)
    {
        Fleet.Load([Rows.Service(1, "a", health) with { Kind = kind, Url = kind is null ? null : "https://a.example/" }]);
        Assert.True(Render(1).FindAll(".ht-actions button").Single(b => b.TextContent.Contains("Run now", StringComparison.Ordinal)).HasAttribute("disabled"));
    }

    [Fact]
    public void Page_HostileTexts_AreTextAndNoLink()
    {
        const string script = "<img src=x onerror=alert(1)>";
        Fleet.Load([Rows.Service(1, script, "Degraded") with { Url = "javascript:alert(1)", Message = script, Reason = script, Namespace = script, Labels = new Dictionary<string, string> { ["a"] = script } }]);
        var page = Render(1);
        Assert.Empty(page.FindAll("img"));
        Assert.Equal(script, page.Find("h1").TextContent);
        Assert.DoesNotContain(page.FindAll("a"), a => a.GetAttribute("href")!.Contains("javascript", StringComparison.Ordinal));
    }

    private static HistoryReport HistoryOf(int buckets) => new()
    {
        ServiceId = 1,
        From = Rows.Noon.AddHours(-1),
        To = Rows.Noon,
        StepSeconds = 60,
        Estimated = ["unknown"],
        Buckets = [.. Enumerable.Range(0, Math.Max(1, buckets)).Select(i => new HistoryRow
        {
            Start = Rows.Noon.AddMinutes(i - 60),
            Ok = buckets == 0 ? 0 : 9,
            Warn = 0,
            Error = 0,
            Down = buckets == 0 ? 0 : 1,
            Unknown = 0,
            UptimePercent = buckets == 0 ? null : 90,
            LatencyCount = buckets == 0 ? 0 : 9,
            AvgResponseTimeMs = buckets == 0 ? null : 10 + i,
            P50ResponseTimeMs = buckets == 0 ? null : 10 + i,
            P95ResponseTimeMs = buckets == 0 ? null : 20 + i,
            P99ResponseTimeMs = buckets == 0 ? null : 30 + i,
        })],
    };

    private IRenderedComponent<ServicePage> Render(long id) => Context.Render<ServicePage>(p => p.Add(s => s.Id, id));

    // Writes down what was asked.
    private Func<HttpRequestMessage, HttpResponseMessage> Recorded(Func<HttpRequestMessage, HttpResponseMessage> answer) => request =>
    {
        lock (_asked)
            _asked.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
        return answer(request);
    };

    private static HttpResponseMessage Json<T>(T value) =>
        new(HttpStatusCode.OK) { Content = new StringContent(value as string ?? JsonSerializer.Serialize(value, ApiJson.Options), null, "application/json") };
}
