using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Probe.Tests.Whole;

/// <summary>The program as a pod runs it, with a real operator's end, a real target and a real disk.</summary>
public sealed class ProbeProcessTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthtrack-probe-");

    public void Dispose() => folder.Delete(recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Assignment Monitor(string name, int port)
    {
        var manifest = $$"""
            {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}","namespace":"shop"},
             "spec":{"interval":"1s","timeout":"800ms","http":{"url":"http://127.0.0.1:{{port}}/"} } }
            """;
        var document = Assert.Single(ManifestReader.Read(manifest, "test"));
        var monitor = document.Monitor!.ToMonitor($"uid-{name}", 1);
        return Assignment.Of(monitor, "east", new Dictionary<SecretRef, string>()) with { Manifest = document.Manifest };
    }

    private static Task<WebServer> TargetAsync() => WebServer.StartAsync(context => context.Response.WriteAsync("well"));

    [Fact]
    public async Task Worker_FromStartToStop_ChecksReportsAndHandsOver()
    {
        await using var target = await TargetAsync();
        var token = Path.Combine(folder.FullName, "token");
        await File.WriteAllTextAsync(token, "let-me-in", Token);
        await using var leader = await TestOperator.StartAsync(null, 0, null, o => o.Assignments = [Monitor("site", target.Port)]);
        // Longer than a command line's own patience with a program that is told to stop.
        leader.HandOver = TimeSpan.FromSeconds(4);
        await using var worker = await ProbeProcess.StartAsync(
            "--operator", $"127.0.0.1:{leader.Port}", "--pool", "east", "--worker-id", "east-1", "--capacity", "3", "--token-file", token,
            "--spool", Path.Combine(folder.FullName, "spool"));
        await Checks.UntilAsync(() => leader.Results.Count(r => r.Outcome == Outcome.Ok) >= 2, "two good results");
        var hello = leader.Hellos.Single();
        Assert.Equal(("east-1", "east", 3), (hello.WorkerId, hello.Pool, hello.Capacity));
        Assert.Equal("Bearer let-me-in", leader.Tokens.Single());
        Assert.Equal(1, leader.Applied.First().Revision);

        Assert.Equal("ok\n", await worker.GetAsync("/healthz"));
        Assert.Contains("\"status\":\"ok\"", await worker.GetAsync("/readyz"), StringComparison.Ordinal);
        var metrics = await worker.GetAsync("/metrics");
        Assert.Contains("healthtrack_probe_connected 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("healthtrack_probe_assignments 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("healthtrack_probe_checks_total{outcome=\"ok\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("healthtrack_probe_scheduler_lag_seconds_count 0\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("let-me-in", metrics, StringComparison.Ordinal);
        await PassesPromtoolAsync(metrics);

        var told = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(0, await worker.StopAsync());
        Assert.Single(leader.Leavings);
        Assert.Contains(leader.Results, r => r.DueTime > told + 1000);
        Assert.Equal(leader.Results.Count(), leader.Results.DistinctBy(r => r.Id).Count());
    }

    [Fact]
    public async Task Worker_OperatorAwayAndKilled_WhatIsInTheSpoolArrivesAfterTheRestart()
    {
        await using var target = await TargetAsync();
        var port = FreePort();
        string[] arguments = ["--operator", $"127.0.0.1:{port}", "--pool", "east", "--worker-id", "east-1", "--spool", Path.Combine(folder.FullName, "spool")];
        long last;
        await using (var first = await ProbeProcess.StartAsync(arguments))
        {
            await using (var leader = await TestOperator.StartAsync(null, port, null, o => o.Assignments = [Monitor("site", target.Port)]))
                await Checks.UntilAsync(() => leader.Results.Any(), "a result");
            // The operator is gone: the worker checks on, and what it finds goes to the spool.
            await UntilAsync(first, "healthtrack_probe_connected", value => value == 0);
            await UntilAsync(first, "healthtrack_probe_results_unacknowledged", value => value >= 3);
            Assert.Contains("degraded", await first.GetAsync("/readyz"), StringComparison.Ordinal);
            var waiting = await ValueAsync(first, "healthtrack_probe_spool_bytes");
            await UntilAsync(first, "healthtrack_probe_spool_bytes", value => value > waiting);
            last = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3000;
            await first.KillAsync();
        }
        await using var second = await ProbeProcess.StartAsync(arguments);
        await using var next = await TestOperator.StartAsync(null, port, null, o => o.Assignments = []);
        await Checks.UntilAsync(() => next.Results.Any(r => r.DueTime >= last), "the results of the first run");
        Assert.All(next.Results, r => Assert.Equal(("uid-site", Outcome.Ok), (r.Uid, r.Outcome)));
        Assert.True(next.Hellos.First().LastSequence > 0);
        await UntilAsync(second, "healthtrack_probe_results_unacknowledged", value => value == 0);
        Assert.Equal(0, await second.StopAsync());
    }

    [Theory]
    [InlineData(1, "Say where the operator is")]
    [InlineData(1, "--operator must be", "--operator", "ftp://x")]
    [InlineData(1, "--capacity must be", "--operator", "x", "--capacity", "0")]
    [InlineData(1, "--admin-port must be", "--operator", "x", "--admin-port", "99999")]
    [InlineData(1, "--bind must be", "--operator", "x", "--bind", "here")]
    [InlineData(1, "--spool-limit must be", "--operator", "x", "--spool-limit", "1Ki")]
    [InlineData(1, "--token-file names nowhere", "--operator", "x", "--token-file", "nowhere")]
    [InlineData(1, "--allow-cidrs must be", "--operator", "x", "--allow-cidrs", "10.0.0.0/8,all")]
    [InlineData(1, "--worker-id must have", "--operator", "x", "--worker-id", "a b")]
    [InlineData(1, "The spool", "--operator", "x", "--admin-port", "0", "--spool", "/proc/none")]
    [InlineData(2, "--nonsense", "--operator", "x", "--nonsense")]
    public async Task Start_Wrong_EndsWithASentence(int code, string sentence, params string[] arguments)
    {
        var ended = await ProbeProcess.RunAsync(arguments);
        Assert.Equal(code, ended.Code);
        Assert.Contains(sentence, ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<double> ValueAsync(ProbeProcess worker, string metric)
    {
        var text = await worker.GetAsync("/metrics");
        var line = text.Split('\n').Single(l => l.StartsWith(metric + " ", StringComparison.Ordinal));
        return double.Parse(line[(metric.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(ProbeProcess worker, string metric, Func<double, bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition(await ValueAsync(worker, metric)))
        {
            Assert.True(watch.Elapsed < Checks.Patience * 2, $"waited in vain for {metric}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }

    private static async Task PassesPromtoolAsync(string metrics)
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(metrics.AsMemory(), Token);
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync(Token) + await promtool.StandardOutput.ReadToEndAsync(Token);
        await promtool.WaitForExitAsync(Token);
        Assert.True(promtool.ExitCode == 0, said);
    }
}
