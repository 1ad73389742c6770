using System.Diagnostics;
using System.Text.RegularExpressions;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Whole;

/// <summary>The worker as a process of its own: what can be stopped, and killed.</summary>
internal sealed partial class ProbeProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly HttpClient admin = new();
    private Task<string>? rest;

    private ProbeProcess(Process process) => (this.process, errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Starts it on an admin port that the system picks, and waits until it listens.</summary>
    public static async Task<ProbeProcess> StartAsync(params string[] arguments)
    {
        var running = new ProbeProcess(Launch(["--admin-port", "0", .. arguments]));
        try
        {
            while (await running.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (Listening().Match(line) is not { Success: true } match)
                    continue;
                running.admin.BaseAddress = new Uri(match.Groups[1].Value);
                running.rest = running.process.StandardOutput.ReadToEndAsync(CancellationToken.None); // A pipe that nobody reads fills up.
                return running;
            }
            Assert.Fail($"The worker ended before it listened: {await running.errors}");
            throw new UnreachableException();
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        using var ended = Launch(arguments);
        var output = ended.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await ended.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ended.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output;
        return (ended.ExitCode, errors);
    }

    public Task<string> GetAsync(string path) => admin.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Tells it to stop (SIGTERM) and waits until it has.</summary>
    public async Task<int> StopAsync()
    {
        using var term = Process.Start("kill", $"-TERM {process.Id}");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Checks.Patience * 2);
        return process.ExitCode;
    }

    /// <summary>Kills it (SIGKILL): it has no time for anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        await errors;
        if (rest is not null)
            await rest;
        process.Dispose();
        admin.Dispose();
    }

    private static Process Launch(IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "healthtrack-probe.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    [GeneratedRegex(@"its admin port is at (\S+)")]
    private static partial Regex Listening();
}
