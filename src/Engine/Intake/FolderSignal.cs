using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Says that something may have changed in a folder, by inotify where that works. It may fail, overflow, or be silent (network and overlay
/// file systems, a folder that was replaced), so it is a hint only: who waits on it looks from time to time anyway.
/// </summary>
internal sealed class FolderSignal(string folder, TimeSpan rescan, ILogger log) : IDisposable
{
    private readonly Channel<bool> _hints = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private FileSystemWatcher? _watcher;
    private bool _saidNotWatched;

    /// <summary>Watches the folder from now on, afresh where it was watched before.</summary>
    public void Watch()
    {
        _watcher?.Dispose();
        _watcher = null;
        try
        {
            var watcher = new FileSystemWatcher(folder)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            _watcher = watcher;
            watcher.Created += (_, _) => Hint();
            watcher.Changed += (_, _) => Hint();
            watcher.Deleted += (_, _) => Hint();
            watcher.Renamed += (_, _) => Hint();
            watcher.Error += (_, _) => Hint();
            watcher.EnableRaisingEvents = true;
            _saidNotWatched = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _watcher?.Dispose();
            _watcher = null;
            if (!_saidNotWatched && error is not ArgumentException) // a folder that is missing is said elsewhere
                FolderLog.NotWatched(log, folder, rescan.TotalSeconds, error.Message);
            _saidNotWatched = true;
        }
    }

    /// <summary>Waits for a hint, at most for <paramref name="atMost"/>.</summary>
    /// <returns>False where the time passed without one.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _hints.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _watcher?.Dispose();

    private void Hint() => _hints.Writer.TryWrite(true);
}
