using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>The program over a folder of manifests: what a user does to the files, and what the API says then.</summary>
public sealed class FolderTests
{
    [Fact]
    public async Task Manifests_AddedChangedBrokenMendedRemoved_TakeEffectWhileItRuns()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--data", folder["data"], "--monitors", folder["monitors"]);
        var file = folder["monitors/web.yaml"];

        await File.WriteAllTextAsync(file, Manifest("web", target.Url), TestContext.Current.CancellationToken);
        var added = await healthTrack.WaitForAsync("web", r => r.Health == "Healthy");
        Assert.Equal(1, added.IntervalSeconds);

        await File.WriteAllTextAsync(file, Manifest("web", target.Url, interval: "2s"), TestContext.Current.CancellationToken);
        await healthTrack.WaitForAsync("web", r => r.IntervalSeconds == 2);

        await File.WriteAllTextAsync(file, Manifest("web", target.Url).Replace("url:", "ulr:", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var broken = await healthTrack.WaitForAsync("web", r => r.Conditions.Any(c => c.Type == "Stalled"));
        Assert.Contains("spec.http.ulr", broken.Conditions.Single(c => c.Type == "Stalled").Message, StringComparison.Ordinal);
        Assert.Equal(2, broken.IntervalSeconds);
        var countWhenBroken = broken.ChecksCount;
        await healthTrack.WaitForAsync("web", r => r.ChecksCount > countWhenBroken);

        await File.WriteAllTextAsync(file, Manifest("web", target.Url), TestContext.Current.CancellationToken);
        await healthTrack.WaitForAsync("web", r => r.IntervalSeconds == 1 && r.Conditions.All(c => c.Type != "Stalled"));

        File.Delete(file);
        await Eventually.BeAsync(async () => await healthTrack.FindAsync("web") is null, "web is gone");
        Assert.Equal(HttpStatusCode.NotFound, (await healthTrack.Api.GetAsync($"/services/{added.Id}", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Manifest_NeverValid_IsARowThatSaysWhyAndTheOthersGoOn()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        await File.WriteAllTextAsync(folder["monitors/bad.yaml"], Manifest("bad", target.Url, timeout: "5s"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["monitors/good.yaml"], Manifest("good", target.Url), TestContext.Current.CancellationToken);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--data", folder["data"], "--monitors", folder["monitors"]);

        await healthTrack.WaitForAsync("good", r => r.Health == "Healthy");
        var bad = await healthTrack.WaitForAsync("bad", _ => true);
        Assert.Equal(("Unknown", "InvalidSpec"), (bad.Health, bad.Reason));
        Assert.Contains("spec.timeout", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_StoppedAndStarted_TurnsUnhealthyAndBack()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        await File.WriteAllTextAsync(
            folder["monitors/web.yaml"], Manifest("web", target.Url) + "  failureThreshold: 2\n", TestContext.Current.CancellationToken);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--data", folder["data"], "--monitors", folder["monitors"]);

        await healthTrack.WaitForAsync("web", r => r.Health == "Healthy");
        await target.DownAsync();
        var down = await healthTrack.WaitForAsync("web", r => r.Health == "Unhealthy");
        Assert.Equal(("ChecksFailing", "down"), (down.Reason, down.CurrentStatus));
        var checks = await healthTrack.ChecksAsync(down.Id);
        Assert.Equal(["down", "down"], checks.Take(2).Select(c => c.Status));
        Assert.Contains("refused", checks[0].Error, StringComparison.OrdinalIgnoreCase);

        await target.UpAsync();
        await healthTrack.WaitForAsync("web", r => r is { Health: "Healthy" or "Degraded", CurrentStatus: "ok" });
    }

    [Fact]
    public async Task Process_KilledAndStartedAgain_IsWhatItWas()
    {
        await using var well = await StubTarget.StartAsync();
        await using var failing = await StubTarget.StartAsync();
        failing.Status = 500;
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        string[] arguments = ["--data", folder["data"], "--monitors", folder["monitors"]];
        // Long intervals: only the first checks and those asked for happen, so that nothing changes between the two looks.
        await File.WriteAllTextAsync(folder["monitors/b.yaml"], Manifest("failing", failing.Url, interval: "1h"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["monitors/a.yaml"], Manifest("well", well.Url, interval: "1h"), TestContext.Current.CancellationToken);

        ServiceRow[] rowsBefore;
        List<CheckRow[]> checksBefore = [];
        await using (var first = await HealthTrackProcess.StartAsync(arguments))
        {
            await first.WaitForAsync("well", r => r.ChecksCount == 1);
            await first.WaitForAsync("failing", r => r.ChecksCount == 1);
            foreach (var name in new[] { "well", "failing" })
            {
                var run = await first.Api.PostAsync($"/services/{(await first.FindAsync(name))!.Id}/run", null, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, run.StatusCode);
            }
            rowsBefore = await RowsAsync(first);
            foreach (var row in rowsBefore)
                checksBefore.Add(await first.ChecksAsync(row.Id));
            await first.KillAsync();
        }

        await using var second = await HealthTrackProcess.StartAsync(arguments);
        await second.WaitForAsync("failing", r => r.Health == "Unhealthy");
        var rowsAfter = await RowsAsync(second);
        Assert.Equal(rowsBefore.Select(Lasting), rowsAfter.Select(Lasting));
        for (var i = 0; i < rowsAfter.Length; i++)
            Assert.Equal(checksBefore[i], await second.ChecksAsync(rowsAfter[i].Id));
        Assert.All(checksBefore, c => Assert.Equal(2, c.Length));
    }

    [Fact]
    public async Task Service_CreatedAndDeletedThroughTheApi_IsAManifestInTheFolder()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        await File.WriteAllTextAsync(folder["monitors/mine.yaml"], Manifest("mine", target.Url), TestContext.Current.CancellationToken);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--data", folder["data"], "--monitors", folder["monitors"]);
        await healthTrack.WaitForAsync("mine", _ => true);

        var body = new { name = "My Shop", url = target.Url, interval_seconds = 1, timeout_seconds = 0.5 };
        var created = await healthTrack.Api.PostAsJsonAsync("/services", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var row = (await created.Content.ReadFromJsonAsync<ServiceRow>(ApiJson.Options, TestContext.Current.CancellationToken))!;
        Assert.Equal(("my-shop", "My Shop", "default"), (row.Name, row.ServiceName, row.Namespace));
        Assert.True(File.Exists(folder["monitors/default.my-shop.yaml"]));
        await healthTrack.WaitForAsync("my-shop", r => r.Health == "Healthy");

        Assert.Equal(HttpStatusCode.Conflict, (await healthTrack.Api.PostAsJsonAsync("/services", body, TestContext.Current.CancellationToken)).StatusCode);

        var byHand = await healthTrack.FindAsync("mine");
        var refused = await healthTrack.Api.DeleteAsync($"/services/{byHand!.Id}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("mine.yaml", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var deleted = await healthTrack.Api.DeleteAsync($"/services/{row.Id}", TestContext.Current.CancellationToken);
        Assert.Equal("""{"ok":true}""", await deleted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.False(File.Exists(folder["monitors/default.my-shop.yaml"]));
        Assert.Null(await healthTrack.FindAsync("my-shop"));
        Assert.DoesNotContain("my-shop", await healthTrack.Api.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<ServiceRow[]> RowsAsync(HealthTrackProcess healthTrack) =>
        (await healthTrack.Api.GetFromJsonAsync<ServiceRow[]>("/services", ApiJson.Options, TestContext.Current.CancellationToken))!;

    // What a restart must not change: everything but the rates, which grow old with the clock, and the times of conditions.
    private static string Lasting(ServiceRow row) => JsonSerializer.Serialize(
        row with { RequestRateRpm = null, ThroughputRps = null, Conditions = [.. row.Conditions.Select(c => c with { LastTransitionTime = default })] },
        ApiJson.Options);

    private static string Manifest(string name, string url, string interval = "1s", string timeout = "500ms") =>
        $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata: {name: {{name}}}
        spec:
          interval: {{interval}}
          timeout: {{timeout}}
          http: {url: "{{url}}"}

        """;
}
