using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>
/// A program as a container runs it: not as root, without any capability or a way to gain one, and on a root file system that is read-only but for the
/// folders that it is given. With a hosts file of its own where names of other containers are needed.
/// </summary>
internal sealed class SandboxedProcess : IAsyncDisposable
{
    /// <summary>The user of the images.</summary>
    public const int User = 1654;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private SandboxedProcess(IEnumerable<string> command, Sandbox sandbox)
    {
        _process = new Process { StartInfo = sandbox.Starting(command) };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a program and waits until it says an address.</summary>
    /// <param name="sandbox">Where it runs.</param>
    /// <param name="address">Matches what it says; the first group is the address.</param>
    /// <param name="command">The program and its arguments.</param>
    public static async Task<(SandboxedProcess Process, Uri Address)> StartAsync(Sandbox sandbox, Regex address, params string[] command)
    {
        var process = new SandboxedProcess(command, sandbox);
        try
        {
            var said = await Eventually.GetAsync(
                () => process._process.HasExited
                    ? throw new InvalidOperationException($"It ended:\n{process.Output}")
                    : Task.FromResult(address.Match(process.Output) is { Success: true } match ? match.Groups[1].Value : null),
                $"{command[0]} says where it listens",
                seconds: 60);
            return (process, new Uri(said));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(Sandbox sandbox, params string[] command)
    {
        await using var process = new SandboxedProcess(command, sandbox);
        await process._process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return (process._process.ExitCode, process.Output.Trim());
    }

    /// <summary>A line of what the kernel says of it.</summary>
    public string Status(string name) => File.ReadLines($"/proc/{_process.Id}/status")
        .Single(l => l.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    /// <summary>How its root file system is mounted, such as <c>ro</c>.</summary>
    public string RootMount() => File.ReadLines($"/proc/{_process.Id}/mountinfo")
        .Select(l => l.Split(' ')).Last(f => f[4] == "/")[5].Split(',')[0];

    /// <summary>Asks it to end, as a container engine does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
