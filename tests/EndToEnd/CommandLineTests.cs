using System.Net;
using System.Net.Sockets;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>What the program says, and its exit code, where there is nothing to serve.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Check_OfATargetThatIsWell_ExitsWithZeroAndShowsThePhases()
    {
        await using var target = await StubTarget.StartAsync();
        var (exitCode, output, errors) = await CheckAsync($$"""{url: "{{target.Url}}", expect: {status: ["2xx"], body: [{contains: ok}] } }""");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith("OK", output, StringComparison.Ordinal);
        foreach (var part in new[] { "first byte", "pass status", "pass body[0].contains", "200 HTTP/1.1" })
            Assert.Contains(part, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfATargetThatMissesAnExpectation_ExitsWithOneAndSaysWhatWasFound()
    {
        await using var target = await StubTarget.StartAsync();
        var (exitCode, output, _) = await CheckAsync($$"""{url: "{{target.Url}}", expect: {body: [{contains: welcome}] } }""");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("ERROR", output, StringComparison.Ordinal);
        Assert.Contains("FAIL body[0].contains: expected welcome, found not found in 2 bytes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfAWrongManifest_ExitsWithTwoAndNamesTheField()
    {
        var (exitCode, output, errors) = await CheckAsync("""{url: "ftp://127.0.0.1/"}""");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("spec.http.url", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "--bogus")]
    [InlineData("--api-port", "http")]
    public async Task CommandLine_ThatIsWrong_ExitsWithTwoAndSaysNoMoreThanThat(params string[] arguments)
    {
        var (exitCode, output, errors) = await HealthTrackProcess.RunAsync(arguments);
        Assert.Equal((2, ""), (exitCode, output.Trim()));
        Assert.InRange(errors.Trim().Split('\n').Length, 1, 2);
    }

    [Fact]
    public async Task CommandLine_APortThatIsNone_SaysWhatWouldBe() =>
        Assert.Equal("--api-port is http, which is no port: give a number from 0 to 65535.", (await HealthTrackProcess.RunAsync("--api-port", "http")).Errors.Trim());

    [Fact]
    public async Task Serve_OnADataFolderInUse_SaysSoAndExitsWithOne()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        string[] arguments = ["--data", folder["data"], "--monitors", folder["monitors"]];
        await using var first = await HealthTrackProcess.StartAsync(arguments);

        var (exitCode, _, errors) = await HealthTrackProcess.RunAsync([.. arguments, "--api-port", "0", "--dashboard-port", "0"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("Another HealthTrack", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);

        // The system lets go of the folder with the process, however that ends.
        await first.KillAsync();
        await using var second = await HealthTrackProcess.StartAsync(arguments);
    }

    [Theory]
    [InlineData("--monitors")]
    [InlineData("--data")]
    public async Task Serve_OnAFolderThatCannotBe_NamesTheFlagAndExitsWithOne(string flag)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "", TestContext.Current.CancellationToken);
        string[] data = flag == "--data" ? [] : ["--data", folder["data"]];
        var (exitCode, _, errors) = await HealthTrackProcess.RunAsync(
            ["--api-port", "0", "--dashboard-port", "0", flag, folder["file/below"], .. data]);

        Assert.Equal(1, exitCode);
        Assert.Contains(flag, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_OnATakenPort_SaysSoInOneSentenceAndExitsWithOne()
    {
        using var taker = new TcpListener(IPAddress.Loopback, 0);
        taker.Start();
        var port = ((IPEndPoint)taker.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();

        foreach (var flag in new[] { "--api-port", "--dashboard-port" })
        {
            var other = flag == "--api-port" ? "--dashboard-port" : "--api-port";
            var (exitCode, output, errors) = await HealthTrackProcess.RunAsync("--data", folder["data"], flag, port, other, "0");
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains(port, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--storage", "nonsense", "sqlite:PATH")]
    [InlineData("--retention", "12h", "--retention must be how long checks are kept, from 1d to 3650d, such as 30d; it is '12h'.")]
    [InlineData("--deadman-url", "hush", "--deadman-url must be an http or https URL")]
    [InlineData("--bind", "somewhere", "--bind")]
    [InlineData("--bind", "0.0.0.0", "--api-token-file")]
    public async Task Serve_WithASettingThatCannotBe_SaysWhatWouldBeRightAndExitsWithOne(string flag, string value, string hint)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, errors) = await HealthTrackProcess.RunAsync("--data", folder["data"], "--api-port", "0", "--dashboard-port", "0", flag, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(hint, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WithADashboardPortThatIsNone_SaysSoInASentence()
    {
        var (exitCode, _, errors) = await HealthTrackProcess.RunAsync("--demo", "--api-port", "0", "--dashboard-port", "99999");

        Assert.Equal(1, exitCode);
        Assert.Contains("--dashboard-port 99999 is no TCP port", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> CheckAsync(string http)
    {
        using var folder = new TemporaryFolder();
        var file = folder["monitor.yaml"];
        await File.WriteAllTextAsync(
            file,
            $$"""
            apiVersion: sre.healthtrack.io/v1alpha1
            kind: ServiceMonitor
            metadata: {name: tried}
            spec: {interval: 10s, http: {{http}}}
            """,
            TestContext.Current.CancellationToken);
        return await HealthTrackProcess.RunAsync("check", "-f", file);
    }
}
