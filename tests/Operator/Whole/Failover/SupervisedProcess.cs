using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>A program that is started again whenever it ends, as the kubelet does with a container: after a second, with the same arguments.</summary>
internal sealed class SupervisedProcess : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _log;
    private readonly Func<int, string[]> _arguments;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _supervising;
    private ServerProcess _process;

    private SupervisedProcess(string log, Func<int, string[]> arguments)
    {
        (_log, _arguments) = (log, arguments);
        _process = Start();
        _supervising = SuperviseAsync(_stop.Token);
    }

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    /// <summary>The last lines that it wrote.</summary>
    public string Tail => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(20)) : "";

    /// <summary>Starts a .NET program.</summary>
    /// <param name="log">The file that takes its output.</param>
    /// <param name="arguments">Of <c>dotnet</c>, the program first, for each start, counted from 1.</param>
    public static SupervisedProcess Start(string log, Func<int, string[]> arguments) => new(log, arguments);

    /// <summary>Kills it (SIGKILL); it is started again.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => _process.SignalAsync("KILL", cancellationToken);

    /// <summary>Asks it to end (SIGTERM), and does not start it again.</summary>
    public async Task StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await EndSupervisionAsync();
        if (!_process.HasExited)
            await _process.SignalAsync("TERM", cancellationToken);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        while (!_process.HasExited)
            await Task.Delay(Look, TimeProvider.System, late.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await EndSupervisionAsync();
        await _process.DisposeAsync();
        _stop.Dispose();
    }

    private async Task EndSupervisionAsync()
    {
        await _stop.CancelAsync();
        await _supervising;
    }

    private async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
                if (!_process.HasExited)
                    continue;
                await _process.DisposeAsync();
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
                _process = Start();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is not wanted any more.
        }
    }

    private ServerProcess Start() => ServerProcess.Start("dotnet", _log, _arguments(++Starts));
}
