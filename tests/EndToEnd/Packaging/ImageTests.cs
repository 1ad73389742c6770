using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>What the images hold, started as a container engine would start it.</summary>
public sealed partial class ImageTests(PublishedImages images) : IClassFixture<PublishedImages>
{
    private static readonly Dockerfile Dockerfile = new();

    // What each is told beside what its image says: ports that the system picks, on loopback.
    private static readonly Dictionary<string, (string[] Arguments, string[] HealthCheck)> Started = new()
    {
        ["operator"] = (["--bind", "127.0.0.1", "--monitors", ".", "--storage", "sqlite:healthtrack.db", "--api-port", "0"], ["--bind", "127.0.0.1", "--api-port"]),
        ["probe"] = (["--bind", "127.0.0.1", "--operator", "127.0.0.1:9", "--spool", "spool", "--admin-port", "0"], ["--bind", "127.0.0.1", "--admin-port"]),
        ["dashboard"] = (["--bind", "127.0.0.1", "--api", "http://127.0.0.1:9", "--port", "0"], ["--bind", "127.0.0.1", "--port"]),
        ["standalone"] = (["--bind", "127.0.0.1", "--data", ".", "--api-port", "0", "--dashboard-port", "0"], ["--bind", "127.0.0.1", "--api-port"]),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Dockerfile_HasATargetForEachProgram() => Assert.Equal(["operator", "probe", "dashboard", "standalone"], Dockerfile.Targets);

    [Fact]
    public void Dockerfile_RunsAsTheUserOfTheBaseImages_ByNumber()
    {
        // A number: Kubernetes' runAsNonRoot cannot judge a name.
        Assert.Contains(Dockerfile.Base, i => i is { Name: "USER", Text: "1654:1654" });
        Assert.All(Dockerfile.Targets, target => Assert.DoesNotContain(Dockerfile.Of(target), i => i.Name == "USER"));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("probe")]
    [InlineData("dashboard")]
    [InlineData("standalone")]
    public async Task Program_NotAsRootOnAReadOnlyRoot_ServesAndStopsInOrder(string target)
    {
        using var sandbox = new Sandbox();
        SetEnvironment(sandbox, target);
        var (arguments, healthArguments) = Started[target];
        var (process, url) = await SandboxedProcess.StartAsync(sandbox, Address(), [.. Command(target, Dockerfile.Entrypoint(target)), .. arguments]);
        await using var running = process;

        Assert.Equal(("1654", "0000000000000000", "1", "ro"), (process.Status("Uid").Split('\t')[0], process.Status("CapEff"), process.Status("NoNewPrivs"), process.RootMount()));
        using var http = new HttpClient { BaseAddress = url };
        using (var healthy = await http.GetAsync("/healthz", Stop))
            Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        string[] check = [.. Command(target, Dockerfile.HealthCheck(target)), .. healthArguments, $"{url.Port}"];
        var (well, said) = await SandboxedProcess.RunAsync(sandbox, check);
        Assert.True(well == 0, said);
        Assert.Contains("\"status\"", said, StringComparison.Ordinal);

        Assert.True(await process.StopAsync() == 0, process.Output);
        var (ill, why) = await SandboxedProcess.RunAsync(sandbox, check);
        Assert.Equal(1, ill);
        Assert.StartsWith($"http://127.0.0.1:{url.Port}/readyz does not answer: ", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_AsPublished_ServesItsStaticFiles()
    {
        using var sandbox = new Sandbox();
        var (process, url) = await SandboxedProcess.StartAsync(
            sandbox, Address(), [.. Command("dashboard", Dockerfile.Entrypoint("dashboard")), .. Started["dashboard"].Arguments]);
        await using var running = process;
        using var http = new HttpClient { BaseAddress = url };
        foreach (var file in new[] { "/_framework/blazor.web.js", "/dashboard/app.css", "/_content/MudBlazor/MudBlazor.min.css" })
            Assert.NotEmpty(await http.GetByteArrayAsync(file, Stop));
    }

    [Fact]
    public void Image_HoldsNoSourceAndNoSecret() => Assert.All(Dockerfile.Targets, target => Assert.DoesNotContain(
        Directory.EnumerateFiles(images.App(target), "*", SearchOption.AllDirectories),
        file => Path.GetExtension(file) is ".cs" or ".razor" or ".csproj" or ".xml" or ".pfx" or ".key" || Path.GetFileName(file).StartsWith("appsettings", StringComparison.Ordinal)));

    [Fact]
    public async Task Operator_WithWhatComposesInitMakes_HasAnEncryptedLinkToTheProbe()
    {
        using var sandbox = new Sandbox("operator");
        SetEnvironment(sandbox, "operator");
        var made = Path.Combine(sandbox.Data, "made");
        foreach (var service in new[] { "operator", "probe", "postgres", "grafana" })
            Directory.CreateDirectory(Path.Combine(made, service));
        var (exitCode, output) = await Shell.RunAsync($"sh config/compose/init.sh {made}", TimeSpan.FromSeconds(30));
        Assert.True(exitCode == 0, output);

        var linkPort = FreePort();
        string[] link = ["--worker", "none", "--link-port", $"{linkPort}", "--link-token-file", $"{made}/operator/link-token",
            "--link-tls-cert", $"{made}/operator/link.crt", "--link-tls-key", $"{made}/operator/link.key"];
        var (control, _) = await SandboxedProcess.StartAsync(
            sandbox, Address(), [.. Command("operator", Dockerfile.Entrypoint("operator")), .. Started["operator"].Arguments, .. link]);
        await using var controlRuns = control;
        var (probe, admin) = await SandboxedProcess.StartAsync(
            sandbox, Address(), [.. Command("probe", Dockerfile.Entrypoint("probe")), "--bind", "127.0.0.1", "--admin-port", "0",
                "--operator", $"https://operator:{linkPort}", "--token-file", $"{made}/probe/link-token", "--link-ca-file", $"{made}/probe/link-ca.crt"]);
        await using var probeRuns = probe;
        using var http = new HttpClient { BaseAddress = admin };
        var ready = "";
        var connected = Eventually.BeAsync(
            async () => (ready = await http.GetStringAsync("/readyz", Stop)).Contains("Connected since", StringComparison.Ordinal), "the worker is connected");
        Assert.True(await Record.ExceptionAsync(() => connected) is null, $"{ready}\n{control.Output}\n{probe.Output}");
    }

    // The link says its port nowhere.
    private static int FreePort()
    {
        using var finder = new TcpListener(IPAddress.Loopback, 0);
        finder.Start();
        return ((IPEndPoint)finder.LocalEndpoint).Port;
    }

    private static void SetEnvironment(Sandbox sandbox, string target)
    {
        foreach (var pair in Dockerfile.Base.Concat(Dockerfile.Of(target)).Where(i => i.Name == "ENV").SelectMany(i => i.Text.Split(' ')))
            sandbox.Variables[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
    }

    private string[] Command(string target, string[] command)
    {
        Assert.StartsWith("/app/", command[0], StringComparison.Ordinal);
        return [Path.Combine(images.App(target), command[0]["/app/".Length..]), .. command[1..]];
    }

    [GeneratedRegex(@"(?:API is at|admin port is at|listening on:|API  +)\s*(http://127\.0\.0\.1:\d+)")]
    private static partial Regex Address();
}
