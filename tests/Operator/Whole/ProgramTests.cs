using System.Diagnostics;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The program as a user starts it.</summary>
public sealed class ProgramTests(KubernetesApiServer server) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("healthtrack-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Start_WithKubeconfig_RunsUntilItIsToldToStop()
    {
        using var program = Start("--kubeconfig", server.AdminKubeconfig, "--api-port", "0", "--link-port", "0", "--worker", "none", "--namespaces", "default");

        string? line;
        do
            line = await program.StandardOutput.ReadLineAsync(Token);
        while (line is not null && !line.Contains("is running", StringComparison.Ordinal));
        Assert.NotNull(line);
        using var kill = Process.Start("kill", $"-TERM {program.Id}");
        await program.StandardOutput.ReadToEndAsync(Token);
        await program.WaitForExitAsync(Token);

        Assert.Equal(0, program.ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "data", "healthtrack.db")));
    }

    [Theory]
    [InlineData(1, "There is no kubeconfig nowhere.yaml", "--kubeconfig", "nowhere.yaml")]
    [InlineData(1, "kubeconfig broken.yaml cannot be used", "--kubeconfig", "broken.yaml")]
    [InlineData(2, "--worker must be", "--worker", "both")]
    [InlineData(2, "--anonymous must be none or read", "--anonymous", "write")]
    [InlineData(2, "--dashboard-service-account must be NAMESPACE/NAME", "--dashboard-service-account", "dashboard")]
    [InlineData(2, "give one of them", "--link-ca-configmap", "roots", "--link-ca-secret", "link-tls")]
    [InlineData(1, "--api-token-file", "--monitors", ".", "--bind", "0.0.0.0")]
    [InlineData(1, "from 1d to 3650d, such as 30d; it is '9999d'.", "--monitors", ".", "--retention", "9999d")]
    [InlineData(1, "--deadman-url must be an http or https URL", "--monitors", ".", "--deadman-url", "ftp://127.0.0.1/")]
    [InlineData(1, "give one of them", "--monitors", ".", "--deadman-url", "http://127.0.0.1/", "--deadman-url-file", "url")]
    [InlineData(1, "--bind must be", "--monitors", ".", "--bind", "here")]
    public async Task Start_WrongFlag_StopsWithASentence(int exitCode, string sentence, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "broken.yaml"), "clusters: [", Token);

        using var program = Start(arguments);
        var output = program.StandardOutput.ReadToEndAsync(Token);
        var errors = await program.StandardError.ReadToEndAsync(Token);
        await program.WaitForExitAsync(Token);
        await output;

        Assert.Equal(exitCode, program.ExitCode);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_SecretsInTheEnvironment_ShowsNone()
    {
        var start = Program("--help");
        start.Environment["HEALTHTRACK_STORAGE"] = "postgres://u:hunter2@127.0.0.1/x";
        start.Environment["HEALTHTRACK_REDIS"] = "127.0.0.1:1,password=hunter2";
        start.Environment["HEALTHTRACK_DEADMAN_URL"] = "http://127.0.0.1/hunter2";
        using var program = Process.Start(start)!;
        var errors = program.StandardError.ReadToEndAsync(Token);
        var output = await program.StandardOutput.ReadToEndAsync(Token);
        await program.WaitForExitAsync(Token);

        Assert.Equal((0, ""), (program.ExitCode, await errors));
        Assert.Contains("HEALTHTRACK_REDIS", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    private Process Start(params string[] arguments) => Process.Start(Program(arguments))!;

    private ProcessStartInfo Program(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "healthtrack-operator.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
