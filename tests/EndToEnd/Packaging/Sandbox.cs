using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>A folder that a <see cref="SandboxedProcess"/> may write, and nothing else; Linux namespaces, so as root.</summary>
internal sealed class Sandbox : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Makes it.</summary>
    /// <param name="hosts">Names that lead to this machine.</param>
    public Sandbox(params string[] hosts)
    {
        Assert.True(Environment.IsPrivilegedProcess, "Mount namespaces and another user: run this test as root.");
        File.WriteAllText(_folder["hosts"], $"127.0.0.1 localhost {string.Join(' ', hosts)}\n");
        Directory.CreateDirectory(Data);
        Run("chmod", "0755", _folder.Path);
        Run("chown", $"{SandboxedProcess.User}:{SandboxedProcess.User}", Data);
    }

    /// <summary>What may be written.</summary>
    public string Data => _folder["data"];

    /// <summary>Environment variables of its processes.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>How a command is started in it; the process that is started is the command itself.</summary>
    public ProcessStartInfo Starting(IEnumerable<string> command)
    {
        const string Enter =
            """
            set -eu
            mount --bind "$SANDBOX_DATA" "$SANDBOX_DATA"
            mount --bind "$SANDBOX_HOSTS" /etc/hosts
            mount -o remount,bind,ro /
            for other in /tmp /var /run /dev/shm; do ! mountpoint -q "$other" || mount -o remount,bind,ro "$other"; done
            cd "$SANDBOX_DATA"
            exec setpriv --reuid "$SANDBOX_USER" --regid "$SANDBOX_USER" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
            """;
        var start = new ProcessStartInfo("unshare", ["--mount", "sh", "-c", Enter, "sh", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["SANDBOX_DATA"] = Data;
        start.Environment["SANDBOX_HOSTS"] = _folder["hosts"];
        start.Environment["SANDBOX_USER"] = $"{SandboxedProcess.User}";
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        return start;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
