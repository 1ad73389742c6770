namespace HealthTrack.Standalone.Commands;

/// <summary>
/// The folder for what must be kept, held by one process at a time: two would check every target twice and write one store. The demo's is a fresh
/// one that goes with it, so that demos leave one another and what is kept alone.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string DemoPrefix = "healthtrack-demo-";

    private readonly bool _temporary;

    // The system lets go of it when the process ends, however it does.
    private readonly FileStream _hold;

    private DataFolder(string path, bool temporary)
    {
        Path = path;
        _temporary = temporary;
        _hold = Hold(path);
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Makes and holds the folder that the options ask for.</summary>
    /// <exception cref="CannotServeException">It cannot be made or written, or another process holds it.</exception>
    public static DataFolder For(ServeOptions options)
    {
        try
        {
            if (options.Demo)
                DeleteLeftBehind();
            return options.Demo
                ? new DataFolder(Directory.CreateTempSubdirectory(DemoPrefix).FullName, temporary: true)
                : new DataFolder(Directory.CreateDirectory(options.Data).FullName, temporary: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotServeException($"The data folder {options.Data} cannot be made or written ({e.Message.TrimEnd('.')}): choose another with --data.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hold.Dispose();
        if (_temporary)
            Directory.Delete(Path, recursive: true);
    }

    // A demo that was killed could not delete its own. One without a lock may be about to begin.
    private static void DeleteLeftBehind()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{DemoPrefix}*").Where(f => File.Exists(LockOf(f))))
        {
            try
            {
                using (Hold(folder))
                    Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is CannotServeException or IOException or UnauthorizedAccessException)
            {
                // It runs, or is another user's.
            }
        }
    }

    private static string LockOf(string folder) => System.IO.Path.Combine(folder, "healthtrack.lock");

    private static FileStream Hold(string folder)
    {
        var file = LockOf(folder);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new CannotServeException($"Another HealthTrack runs on the data folder {folder}: stop it, or choose another with --data.");
        }
    }
}
