using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HealthTrack.Bench.Measuring;

namespace HealthTrack.Bench.Processes;

/// <summary>A program that a bench starts, whose CPU it reads apart from its own, and that it ends.</summary>
internal sealed partial class Child : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;
    private const int KeptLines = 20;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private Child(string name, Process process) => (_name, _process) = (name, process);

    /// <summary>User and system CPU seconds since its start.</summary>
    public double CpuSeconds => ProcessCpu.Seconds(_process.Id);

    /// <summary>Memory that it has in the machine's, KiB.</summary>
    public double ResidentKiB => ProcessCpu.ResidentKiB(_process.Id);

    /// <summary>Starts a program.</summary>
    /// <param name="name">As in messages.</param>
    /// <param name="program">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Child Start(string name, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What the user's shell says of HealthTrack or of a cluster is not for the bench.
        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("HEALTHTRACK_", StringComparison.Ordinal) || k == "KUBERNETES_SERVICE_HOST").ToList())
            start.Environment.Remove(variable);
        var child = new Child(name, new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, e) => child.Keep(e.Data);
        child._process.ErrorDataReceived += (_, e) => child.Keep(e.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits until something holds.</summary>
    /// <param name="what">What is waited for, as in the message of the failure.</param>
    /// <param name="limit">How long at most.</param>
    /// <param name="holds">Asked every 50 ms.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CannotRunException">The program ended, or it took too long.</exception>
    public async Task WaitUntilAsync(string what, TimeSpan limit, Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (_process.HasExited)
                throw new CannotRunException($"{_name} ended with {_process.ExitCode} before {what}:\n{string.Join('\n', _lines)}");
            if (clock.Elapsed > limit)
                throw new CannotRunException($"{_name}: not {what} within {limit.TotalSeconds} s:\n{string.Join('\n', _lines)}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>The first match among the lines that it wrote last; null where there is none.</summary>
    public Match? Said(Regex pattern) => _lines.Select(line => pattern.Match(line)).FirstOrDefault(match => match.Success);

    /// <summary>Takes the CPU from it.</summary>
    public void Pause() => Send(SigStop);

    /// <summary>Gives it back.</summary>
    public void Resume() => Send(SigCont);

    /// <summary>Asks it to end; after a while, makes it.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            return;
        Send(SigTerm);
        Resume(); // One that is paused would never hear of it.
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        _lines.Enqueue(line);
        if (_lines.Count > KeptLines)
            _lines.TryDequeue(out _);
    }

    private void Send(int signal)
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, signal); // It may end in this very moment, which is as well.
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
