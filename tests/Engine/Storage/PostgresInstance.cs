using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>
/// A real Postgres server of one's own: on a temporary folder, a port that the system picks and a password of odd characters. It can be stopped, killed and
/// started again, and goes when this process does.
/// </summary>
internal sealed class PostgresInstance : IAsyncDisposable
{
    public const string User = "healthtrack";
    public const string Password = "p@ss/w:r?d%;=' #&+\"\\";

    private const int StartAttempts = 5;

    // Runs as the server's user and obeys lines on its input. The end of its input is the end of the process that started it, however that came about.
    private const string Script = """
        trap '' INT TERM
        umask 077
        bin=$1
        user=$2
        dir=$(mktemp -d /tmp/healthtrack-postgres-XXXXXX) || exit 1
        cd "$dir" || exit 1
        read -r password
        printf '%s\n' "$password" > password
        if ! "$bin/initdb" -D data -U "$user" -A scram-sha-256 --pwfile=password -E UTF8 --locale=C --no-sync > log 2>&1; then
          tail -n 3 log | tr '\n' ' '; echo; rm -rf "$dir"; exit 1
        fi
        echo ok
        while read -r command port; do
          case $command in
            start)
              tries=0
              # A server that was killed leaves children, and a new one does not start before they are gone.
              until "$bin/pg_ctl" -D data -w -t 60 -l log -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$dir' -c max_connections=60 -c shared_buffers=32MB" start > /dev/null 2>&1; do
                tries=$((tries + 1))
                [ $tries -lt 20 ] || break
                grep -q 'shared memory block\|lock file' log || break
                sleep 0.1
              done
              if "$bin/pg_ctl" -D data status > /dev/null 2>&1; then echo ok; else tail -n 3 log | tr '\n' ' '; echo; fi ;;
            stop) "$bin/pg_ctl" -D data -w -m fast stop > /dev/null 2>&1; echo ok ;;
            kill) kill -9 "$(head -n 1 data/postmaster.pid)"; echo ok ;;
          esac
        done
        "$bin/pg_ctl" -D data -w -m immediate stop > /dev/null 2>&1
        cd / && rm -rf "$dir"
        """;

    private readonly Process _keeper;

    private PostgresInstance(Process keeper) => _keeper = keeper;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Makes one and starts it.</summary>
    public static async Task<PostgresInstance> StartNewAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        // Postgres refuses to run as root: Debian's package brings a user for it.
        string[] command = Environment.UserName == "root"
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "sh", "-c", Script, "sh", Binaries(), User]
            : ["sh", "-c", Script, "sh", Binaries(), User];
        start.FileName = command[0];
        foreach (var argument in command[1..])
            start.ArgumentList.Add(argument);
        var instance = new PostgresInstance(Process.Start(start)!);
        try
        {
            await instance.SayAsync(Password, cancellationToken);
            for (var attempt = 1; ; attempt++)
            {
                instance.Port = FreePort();
                try
                {
                    await instance.StartAsync(cancellationToken);
                    return instance;
                }
                catch (InvalidOperationException) when (attempt < StartAttempts)
                {
                    // Somebody else took the port in between.
                }
            }
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again on the same data and port.</summary>
    public Task StartAsync(CancellationToken cancellationToken) =>
        SayAsync(string.Create(CultureInfo.InvariantCulture, $"start {Port}"), cancellationToken);

    /// <summary>Stops it as an administrator would; open connections are told.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => SayAsync("stop", cancellationToken);

    /// <summary>Kills it (SIGKILL).</summary>
    public Task KillAsync(CancellationToken cancellationToken) => SayAsync("kill", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync(CancellationToken.None);
        _keeper.Dispose();
    }

    private async Task SayAsync(string line, CancellationToken cancellationToken)
    {
        await _keeper.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _keeper.StandardInput.FlushAsync(cancellationToken);
        var answer = await _keeper.StandardOutput.ReadLineAsync(cancellationToken);
        if (answer != "ok")
            throw new InvalidOperationException($"The Postgres server for the tests does not work: {answer ?? "it ended by itself"}");
    }

    private static string Binaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")))
            ?? throw new InvalidOperationException(
                "These tests need a real Postgres: run eng/install-test-tools.sh, or install the package postgresql.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
