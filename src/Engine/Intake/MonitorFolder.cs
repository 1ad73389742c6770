using System.IO.Enumeration;
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

    // Unlike what is the default, hidden files too, and no silence where the folder may not be read.
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly Dictionary<string, FolderFile> _files = new(StringComparer.Ordinal);
    private Queue<FolderFile>? _unread;
    private int _part = FirstPart;
    private bool _ahead;
    private DateTimeOffset _keepUntil = DateTimeOffset.MinValue;

    /// <summary>What the files in force declare.</summary>
    public FolderDeclarations Declarations { get; private set; } = FolderDeclarations.Empty;

    /// <summary>Why the folder could not be looked at the last time; null where it could. What is in force stays so meanwhile.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the last look saw a change that has not settled.</summary>
    public bool Unsettled { get; private set; }

    /// <summary>A folder whose first part is read before anybody asks for it: the first call of <see cref="ReadOn"/> finds it so.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="now">The time.</param>
    public static MonitorFolder ReadAhead(string folder, DateTimeOffset now)
    {
        var ahead = new MonitorFolder(folder, ManifestReader.DefaultNamespace);
        if (ahead.Begin())
        {
            ahead.ReadPart(now);
            ahead._ahead = true;
        }
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
        if (!Begin())
            return false;
        if (!_ahead)
            ReadPart(now);
        _ahead = false;
        if (_unread is { Count: > 0 })
        {
            Declarations = FolderDeclarations.Sure(_files.Values);
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

    private bool Begin()
    {
        if (_unread is not null)
            return true;
        if (!Find())
            return false;
        _unread = new(_files.Values.OrderBy(file => file.Name, StringComparer.Ordinal));
        return true;
    }

    private void ReadPart(DateTimeOffset now)
    {
        for (var i = 0; i < _part && _unread!.TryDequeue(out var file); i++)
            file.Look(now, wait: false, _keepUntil);
        _part = LaterPart;
    }

    // A folder that is not there is a fault, an unmounted volume say, and no order to remove every monitor.
    private bool Find()
    {
        try
        {
            // Every two seconds: of the thousands that are known no text is made.
            var known = _files.GetAlternateLookup<ReadOnlySpan<char>>();
            var found = new FileSystemEnumerable<string>(folder, (ref entry) => entry.FileName.ToString(), Everything)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && !known.ContainsKey(entry.FileName) && ManifestFile.IsManifest(entry.FileName),
            };
            foreach (var name in found.ToList())
                _files.Add(name, new FolderFile(folder, name, defaultNamespace));
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
