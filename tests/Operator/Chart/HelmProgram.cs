using System.Diagnostics;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>What helm said.</summary>
internal sealed record HelmAnswer(int Code, string Output, string Errors);

/// <summary>A real helm 4, which keeps what it remembers in a folder of the test's.</summary>
internal sealed class HelmProgram(string program, string folder, string kubeconfig)
{
    /// <summary>The chart in the source tree.</summary>
    public static string Chart => Repository.File("charts", "healthtrack");

    /// <summary>Finds one: <c>eng/helm.sh</c> says how.</summary>
    public static async Task<HelmProgram> FindAsync(string folder, string kubeconfig)
    {
        var start = new ProcessStartInfo(Repository.File("eng", "helm.sh")) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var program = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? new HelmProgram(program, folder, kubeconfig) : throw new InvalidOperationException("There is no helm to test with: eng/helm.sh says why.");
    }

    /// <summary>Runs it, whatever it answers.</summary>
    public async Task<HelmAnswer> AskAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        foreach (var home in (string[])["CACHE", "CONFIG", "DATA"])
            start.Environment[$"HELM_{home}_HOME"] = Path.Combine(folder, home);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new HelmAnswer(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs it; fails the test where it does not answer 0.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var answer = await AskAsync(cancellationToken, arguments);
        Assert.True(answer.Code == 0, $"helm {string.Join(' ', arguments)}: {answer.Errors}{answer.Output}");
        return answer.Output;
    }

    /// <summary>Renders the chart for the oldest Kubernetes that it is for.</summary>
    public async Task<List<RenderedObject>> RenderAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RenderedObject.Read(await RunAsync(cancellationToken, ["template", "healthtrack", Chart, "--namespace", "healthtrack", "--kube-version", "1.25.0", .. arguments]));
}
