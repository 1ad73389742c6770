using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Engine.Intake;

/// <summary>The manifests of one folder, looked at again and again. Holds what is in force; not for concurrent use.</summary>
internal sealed class MonitorFolder(string folder, string defaultNamespace)
{
    // A folder that comes back may be filled file by file.
    private static readonly TimeSpan GraceAfterReturn = TimeSpan.FromSeconds(3);

    // At the start thousands of files take seconds to read: checks begin with the first of them.
    private const int FirstPart = 100;
    private const int LaterPart = 400;

    private readonly Dictionary<string, FolderFile> _files = new(StringComparer.Ordinal);
    private Queue<FolderFile>? _unread;
    private int _part = FirstPart;
    private DateTimeOffset _keepUntil = DateTimeOffset.MinValue;

    /// <summary>What the files in force declare.</summary>
    public FolderDeclarations Declarations { get; private set; } = FolderDeclarations.Empty;

    /// <summary>Why the folder could not be looked at the last time; null where it could. What is in force stays so meanwhile.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the last look saw a change that has not settled.</summary>
    public bool Unsettled { get; private set; }

    /// <summary>
    /// A folder whose first part has been read before anybody asks for it. <see cref="ReadOn"/> begins all the same at the beginning, for much may have changed since: of a
    /// file that did not, nothing is read again.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="now">The time.</param>
    public static MonitorFolder ReadAhead(string folder, DateTimeOffset now)
    {
        var ahead = new MonitorFolder(folder, ManifestReader.DefaultNamespace);
        ahead.ReadOn(now);
        (ahead._unread, ahead._part) = (null, FirstPart);
        return ahead;
    }

    /// <summary>Reads the folder for the first time, a part a call, in the order of the names; nothing waits for a change to settle.</summary>
    /// <param name="now">The time.</param>
    /// <returns>
    /// Whether there is more to read. <see cref="Declarations"/> is then what the files read so far are sure to declare: the first of a name wins, so no later file changes
    /// it. Where the folder cannot be read there is a <see cref="Problem"/>, and the next call begins again.
    /// </returns>
    public bool ReadOn(DateTimeOffset now)
    {
        if (_unread is null && !Find())
            return false;
        _unread ??= new(_files.Values.OrderBy(file => file.Name, StringComparer.Ordinal));
        for (var i = 0; i < _part && _unread.TryDequeue(out var file); i++)
            file.Look(now, wait: false, _keepUntil);
        _part = LaterPart;
        // What was put there while the others were read must not be taken for gone.
        if (_unread.Count == 0 && !Find())
        {
            _unread = null;
            return false;
        }
        if (_unread.Count > 0)
        {
            Declarations = FolderDeclarations.Sure(_files.Values.Except(_unread));
            return true;
        }
        _unread = null;
        Declarations = FolderDeclarations.Of(_files.Values, defaultNamespace);
        return false;
    }

    /// <summary>Looks at all files.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Whether <see cref="Declarations"/> was made anew.</returns>
    public bool Look(DateTimeOffset now)
    {
        var wasAway = Problem is not null;
        if (!Find())
        {
            foreach (var file in _files.Values)
                file.Forget();
            Unsettled = false;
            return false;
        }

        if (wasAway)
            _keepUntil = now + GraceAfterReturn;
        var changed = false;
        foreach (var file in _files.Values.ToList())
        {
            changed |= file.Look(now, wait: true, _keepUntil);
            if (!file.Exists && !file.Unsettled)
                _files.Remove(file.Name);
        }

        Unsettled = _files.Values.Any(file => file.Unsettled);
        if (changed)
            Declarations = FolderDeclarations.Of(_files.Values, defaultNamespace);
        return changed;
    }

    // A folder that is not there is a fault, an unmounted volume say, and no order to remove every monitor.
    private bool Find()
    {
        try
        {
            // Every two seconds, and thousands are known.
            foreach (var name in ManifestFile.NamesIn(folder, leaveOut: _files.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey).ToList())
            {
                var file = new FolderFile(folder, name, defaultNamespace);
                _files.Add(name, file);
                _unread?.Enqueue(file);
            }
            Problem = null;
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Problem = error is DirectoryNotFoundException
                ? $"The folder {folder} does not exist: the monitors known from it go on; create it or name another with --monitors."
                : $"The folder {folder} cannot be read: {error.Message}";
            return false;
        }
    }
}
