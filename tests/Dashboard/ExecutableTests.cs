using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The dashboard's own executable, as a process.</summary>
public sealed class ExecutableTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_PortTaken_SaysSoInOneSentenceAndExitsWith1()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        using var process = Start([], ("HEALTHTRACK_DASHBOARD_PORT", $"{port}"));
        var said = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal($"Port {port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port.", said.Trim());
    }

    [Fact]
    public async Task Start_BadFlags_SaysEachAndExitsWith1()
    {
        using var process = Start(["--api", "nowhere", "--port", "many"]);
        var said = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal(2, said.Trim().Split('\n').Length);
        Assert.Contains("--api nowhere is no http or https URL", said, StringComparison.Ordinal);
        Assert.Contains("--port", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InProduction_ServesItsStaticFiles()
    {
        using var process = Start(["--port", "0", "--api", "http://127.0.0.1:9"], ("ASPNETCORE_HTTP_PORTS", "8080"));
        try
        {
            var url = await ListeningAsync(process);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
            Assert.NotEmpty(await http.GetByteArrayAsync("/_framework/blazor.web.js", Stop));
            Assert.NotEmpty(await http.GetByteArrayAsync("/dashboard/app.css", Stop));
            Assert.NotEmpty(await http.GetByteArrayAsync("/_content/MudBlazor/MudBlazor.min.css", Stop));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_SaysSoInOneSentenceAndExitsWith1()
    {
        // 192.0.2.0/24 is for documentation: no machine has such an address, and nothing is sent to it.
        using var process = Start(["--port", "0", "--bind", "192.0.2.1", "--api", "http://127.0.0.1:9"]);
        var logged = process.StandardOutput.ReadToEndAsync(Stop);
        var said = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("This machine has no address 192.0.2.1: choose another with --bind.", said.Trim());
        Assert.DoesNotContain("Exception", await logged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_WhileARequestIsUnderWay_StopsInOrderAndExitsWith0()
    {
        await using var api = await StubApi.StartAsync(Rows.Service(1, "a"));
        using var process = Start(["--port", "0", "--api", api.Url.AbsoluteUri]);
        try
        {
            var url = await ListeningAsync(process);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
            // Never answered: the host waits for it as long as it waits at all, which is longer than the two seconds that a command line would give it.
            var held = http.GetAsync("/api/never", Stop);
            await api.NeverAsked.WaitAsync(Stop);
            using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"]))
                await kill.WaitForExitAsync(Stop);
            await process.WaitForExitAsync(Stop);
            Assert.Equal(0, process.ExitCode);
            Assert.Equal("", await process.StandardError.ReadToEndAsync(Stop));
            await Assert.ThrowsAsync<HttpRequestException>(() => held);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<string> ListeningAsync(Process process)
    {
        const string Mark = "Now listening on: ";
        var said = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at)
                return line[(at + Mark.Length)..].Trim();
            said.AppendLine(line);
        }
        throw new InvalidOperationException("It ended before it listened: " + said);
    }

    // Elsewhere than its own folder: files must be found beside the assembly.
    private static Process Start(string[] flags, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HealthTrack.Dashboard.dll"), .. flags])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
