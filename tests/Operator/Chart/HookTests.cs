using System.Net;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>What <c>helm test</c> runs: the manifest that the chart gives to <c>healthtrack check</c>.</summary>
[Collection(nameof(ChartCollection))]
public sealed class HookTests(ChartCluster cluster)
{
    private const string Api = "http://healthtrack-api.healthtrack.svc:8000/";
    private const string Dashboard = "http://healthtrack-dashboard.healthtrack.svc:3000/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("live", true)]
    [InlineData("away", false)]
    public async Task Manifest_Checked_IsWellWhereTheDashboardReadsTheApi(string api, bool well)
    {
        var objects = await cluster.RenderAsync("trial", Token);
        var map = objects.Single(o => o is { Kind: "ConfigMap", Name: "healthtrack-test" });
        Assert.Null(map.Json["metadata"]!["annotations"]);
        var pod = objects.Single(o => o.Kind == "Pod");
        Assert.Equal("test", (string?)pod.Json["metadata"]!["annotations"]!["helm.sh/hook"]);
        // Before the first leader there is nothing to be well: tried again, for less than helm waits.
        Assert.Equal("OnFailure", (string?)pod.Pod!["restartPolicy"]);
        Assert.InRange((int)pod.Pod["activeDeadlineSeconds"]!, 60, 299);
        var container = pod.Pod["containers"]![0]!;
        Assert.Equal(["check", "-f", "/etc/healthtrack/monitors.yaml"], container["args"]!.AsArray().Select(a => (string)a!));
        await using var stub = await StubAsync(api);
        var manifest = ((string)map.Json["data"]!["monitors.yaml"]!)
            .Replace(Api, stub.Urls.First() + "/api/", StringComparison.Ordinal).Replace(Dashboard, stub.Urls.First() + "/dashboard/", StringComparison.Ordinal);

        var outcomes = new List<Outcome>();
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddCheckRunner().BuildServiceProvider();
        foreach (var document in ManifestReader.Read(manifest, "monitors.yaml"))
        {
            Assert.Empty(document.Errors);
            var monitor = document.Monitor!.ToMonitor("test", 1);
            outcomes.Add((await services.GetRequiredService<ICheckRunner>().RunAsync(Assignment.Of(monitor, "default", new Dictionary<Core.Monitors.SecretRef, string>()), Token)).Result.Outcome);
        }

        Assert.Equal([Outcome.Ok, well ? Outcome.Ok : Outcome.Error], outcomes);
    }

    [Fact]
    public async Task Manifest_WithoutTheDashboard_AsksTheApiAlone()
    {
        var map = (await cluster.RenderAsync("trial-forgetful", Token)).Single(o => o is { Kind: "ConfigMap", Name: "healthtrack-test" });

        Assert.Single(ManifestReader.Read((string)map.Json["data"]!["monitors.yaml"]!, "monitors.yaml"));
    }

    private static async Task<WebApplication> StubAsync(string api)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        // As the two answer /readyz.
        app.Run(context => context.Request.Path.Value switch
        {
            "/api/readyz" => context.Response.WriteAsJsonAsync(new { status = "ok" }, Token),
            "/dashboard/readyz" => context.Response.WriteAsJsonAsync(new { status = "ok", api }, Token),
            _ => Task.FromResult(context.Response.StatusCode = StatusCodes.Status404NotFound),
        });
        await app.StartAsync(Token);
        return app;
    }
}
