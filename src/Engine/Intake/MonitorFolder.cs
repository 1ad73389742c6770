namespace HealthTrack.Engine.Intake;

/// <summary>The manifests of one folder, looked at again and again. Holds what is in force; not for concurrent use.</summary>
internal sealed class MonitorFolder(string folder, string defaultNamespace)
{
    // A folder that comes back may be filled file by file.
    private static readonly TimeSpan GraceAfterReturn = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, FolderFile> _files = new(StringComparer.Ordinal);
    private DateTimeOffset _keepUntil = DateTimeOffset.MinValue;

    /// <summary>What the files in force declare.</summary>
    public FolderDeclarations Declarations { get; private set; } = FolderDeclarations.Empty;

    /// <summary>Why the folder could not be looked at the last time; null where it could. What is in force stays so meanwhile.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the last look saw a change that has not settled.</summary>
    public bool Unsettled { get; private set; }

    /// <summary>Looks at all files.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">False: takes what is there at once, as at the start.</param>
    /// <returns>Whether <see cref="Declarations"/> was made anew.</returns>
    public bool Look(DateTimeOffset now, bool wait)
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
            changed |= file.Look(now, wait, _keepUntil);
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
            var names = Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(ManifestFile.IsManifest).ToList();
            foreach (var name in names.Where(name => !_files.ContainsKey(name)))
                _files.Add(name, new FolderFile(name, Path.Combine(folder, name), defaultNamespace));
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
