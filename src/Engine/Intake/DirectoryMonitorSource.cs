using System.Runtime.CompilerServices;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Monitors out of a folder of manifests (*.yaml, *.yml, *.json, not below it), outside a cluster. A change takes effect within a second where
/// the file system tells of it, else within three.
/// </summary>
/// <remarks>
/// A broken file keeps its monitors declared, with errors, and never keeps the others from being read. Of two declarations of a name the first
/// by file name wins. While the folder is away nothing is removed.
/// </remarks>
public sealed class DirectoryMonitorSource : IMonitorSource
{
    private static readonly TimeSpan Rescan = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly string _defaultNamespace;
    private readonly TimeProvider _time;
    private readonly ILogger<DirectoryMonitorSource> _log;
    private readonly TaskCompletionSource _firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<MonitorFolder>? _ahead;
    private volatile string? _problem;
    private volatile IReadOnlyList<string> _problems = [];
    private volatile IReadOnlyDictionary<ChannelKey, NotificationChannel> _channels = new Dictionary<ChannelKey, NotificationChannel>();
    private volatile IReadOnlyDictionary<ChannelKey, string> _wrongChannels = new Dictionary<ChannelKey, string>();

    /// <summary>Reads nothing yet.</summary>
    /// <param name="folder">The folder; it need not exist yet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where problems are said.</param>
    /// <param name="defaultNamespace">The namespace of a manifest that names none.</param>
    public DirectoryMonitorSource(
        string folder, TimeProvider time, ILogger<DirectoryMonitorSource> log, string defaultNamespace = ManifestReader.DefaultNamespace)
    {
        _folder = Path.GetFullPath(folder);
        _defaultNamespace = defaultNamespace;
        _time = time;
        _log = log;
    }

    /// <summary>The folder with its first part read already; null: nothing was read ahead.</summary>
    internal Task<MonitorFolder>? Ahead { init => _ahead = value; }

    /// <summary>Why the folder cannot be read now, a sentence; null where all is well. For the health check.</summary>
    public string? Problem => _problem;

    /// <summary>What no declaration shows, a sentence each: names that are declared twice, broken documents without a name.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Completes when the whole folder has been read once.</summary>
    public Task FirstRead => _firstRead.Task;

    /// <summary>The notification channels that the folder declares; never changed, but replaced.</summary>
    public IReadOnlyDictionary<ChannelKey, NotificationChannel> Channels => _channels;

    /// <summary>Those whose manifest is wrong, and what is wrong with it; never changed, but replaced.</summary>
    public IReadOnlyDictionary<ChannelKey, string> WrongChannels => _wrongChannels;

    /// <summary>Told after the channels were read anew, on the thread that read them.</summary>
    public event Action? ChannelsRead;

    /// <inheritdoc/>
    public async IAsyncEnumerable<MonitorEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = await TakeFolderAsync(cancellationToken);
        using var signal = new FolderSignal(_folder, Rescan, _log);
        IReadOnlyDictionary<MonitorKey, MonitorDeclaration> said = new Dictionary<MonitorKey, MonitorDeclaration>();
        var synced = false;
        var hinted = true;
        signal.Watch();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wasAway = folder.Problem is not null;
            var look = await LookAsync(folder, first: !synced, cancellationToken);
            // The watch is dead where the folder was replaced, and it missed something where a look without a hint finds it.
            if (folder.Problem is null && (wasAway || (!hinted && folder.Unsettled)))
                signal.Watch();
            if (look is Outlook.Changed or Outlook.Unfinished)
            {
                var now = folder.Declarations.ByKey;
                foreach (var change in Changes(said, now))
                    yield return change;
                said = now;
            }
            if (look == Outlook.Unfinished)
                continue;

            // Never after a look that failed: what it did not see would be taken for removed.
            if (!synced && look != Outlook.Failed)
            {
                synced = true;
                yield return new MonitorsSynced();
            }

            hinted = await WaitAsync(signal, folder.Unsettled, cancellationToken);
        }
    }

    // What was read ahead serves once: a later watch reads everything anew.
    private async Task<MonitorFolder> TakeFolderAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Exchange(ref _ahead, null) is { } ahead)
                return await ahead.WaitAsync(cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LookFailed(_log, _folder, error);
        }
        return new MonitorFolder(_folder, _defaultNamespace);
    }

    private enum Outlook
    {
        Same,
        Changed,
        Unfinished,
        Failed,
    }

    private async Task<Outlook> LookAsync(MonitorFolder folder, bool first, CancellationToken cancellationToken)
    {
        try
        {
            // File calls have no asynchronous form, and a network file system may take its time: not on the caller's thread.
            if (first && await Task.Run(() => folder.ReadOn(_time.GetUtcNow()), cancellationToken))
                return Outlook.Unfinished;
            var changed = first || await Task.Run(() => folder.Look(_time.GetUtcNow()), cancellationToken);
            Tell(folder, changed && folder.Problem is null);
            return folder.Problem is not null ? Outlook.Failed : changed ? Outlook.Changed : Outlook.Same;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LookFailed(_log, _folder, error);
            return Outlook.Failed;
        }
    }

    private void Tell(MonitorFolder folder, bool changed)
    {
        var before = _problem;
        _problem = folder.Problem;
        if (folder.Problem is not null && folder.Problem != before)
            Log.FolderAway(_log, folder.Problem);
        if (folder.Problem is null && before is not null)
            Log.FolderBack(_log, _folder);
        if (!changed)
            return;
        foreach (var problem in folder.Declarations.Problems.Except(_problems))
            Log.ManifestProblem(_log, problem);
        _problems = folder.Declarations.Problems;
        _channels = folder.Declarations.Channels;
        _wrongChannels = folder.Declarations.WrongChannels;
        ChannelsRead?.Invoke();
        _firstRead.TrySetResult();
    }

    private async Task<bool> WaitAsync(FolderSignal signal, bool unsettled, CancellationToken cancellationToken)
    {
        var hinted = !unsettled && await signal.WaitAsync(Rescan, _time, cancellationToken);
        // Changes come in swarms: a save is several, a deployment touches every file.
        if (unsettled || hinted)
            await Task.Delay(Debounce, _time, cancellationToken);
        return unsettled || hinted;
    }

    private static List<MonitorEvent> Changes(IReadOnlyDictionary<MonitorKey, MonitorDeclaration> before, IReadOnlyDictionary<MonitorKey, MonitorDeclaration> now) =>
    [
        .. before.Values.Where(gone => !now.ContainsKey(gone.Key)).Select(gone => new MonitorRemoved(gone.Key, gone.Uid)),
        .. now.Values.Where(declared => !before.TryGetValue(declared.Key, out var old) || !Same(old, declared)).Select(declared => new MonitorDeclared(declared)),
    ];

    // Equal manifests are equal monitors; comments and order are nobody's business.
    private static bool Same(MonitorDeclaration a, MonitorDeclaration b) =>
        ReferenceEquals(a, b) || (a.Manifest == b.Manifest && a.Origin == b.Origin && a.Errors.SequenceEqual(b.Errors) && a.NotSupported.SequenceEqual(b.NotSupported));
}
