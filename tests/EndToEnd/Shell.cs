using System.Diagnostics;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>Runs a command line as a person's shell does, in the repository's root.</summary>
internal static class Shell
{
    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code, and what it printed, errors included.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string command, TimeSpan limit, params (string Name, string? Value)[] environment)
    {
        // The errors go where the output goes, in their order.
        var start = new ProcessStartInfo("bash", ["-c", $"exec 2>&1\n{command}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(limit);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(time.Token);
            await process.WaitForExitAsync(time.Token);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
