using System.Diagnostics;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>
/// Prometheus' own programs: <c>HEALTHTRACK_PROMETHEUS</c> and <c>HEALTHTRACK_PROMTOOL</c>, else <c>prometheus</c> and <c>promtool</c> on the PATH.
/// </summary>
internal static class PrometheusTools
{
    public static string Prometheus { get; } = Find("HEALTHTRACK_PROMETHEUS", "prometheus");

    private static string Promtool { get; } = Find("HEALTHTRACK_PROMTOOL", "promtool");

    /// <summary>Runs promtool to its end, in config/prometheus.</summary>
    public static async Task<(int ExitCode, string Said)> PromtoolAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Promtool, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.At("config/prometheus"),
        };
        using var promtool = Process.Start(start)!;
        var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (promtool.ExitCode, output + await errors);
    }

    private static string Find(string variable, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new FileNotFoundException($"{variable} names {named}, which is not there.");
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"There is no {name}: install it (on Debian: apt-get install prometheus), or name it in {variable}.");
    }
}
