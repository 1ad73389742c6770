using System.Diagnostics;
using System.Globalization;

namespace HealthTrack.Operator.Tests.Cluster;

/// <summary>
/// A server that cannot outlive this process: a shell holds the other end of a pipe, and kills the server as soon as the pipe closes, which it does
/// however this process ends.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Guard = """log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!; cat >/dev/null; kill -KILL $! 2>/dev/null; wait""";

    private readonly Process _guard;
    private readonly int _pid;

    private ServerProcess(Process guard)
    {
        _guard = guard;
        _pid = int.Parse(guard.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    /// <summary>Its process.</summary>
    public int Id => _pid;

    // Between its end and the guard's it is a zombie.
    public bool HasExited
    {
        get
        {
            try
            {
                return File.ReadAllText($"/proc/{_pid}/stat").Contains(") Z ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return true; // It is gone, at the latest while this was read.
            }
        }
    }

    public static ServerProcess Start(string program, string log, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Guard, "guard", log, program, .. arguments])
            start.ArgumentList.Add(argument);
        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>Sends it a signal, such as STOP and CONT.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"The signal {signal} could not be sent to {_pid}.");
    }

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }
}
