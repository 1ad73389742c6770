namespace HealthTrack.Standalone.Commands;

/// <summary>The folder for what must be kept; the demo's is a fresh one that goes with it, so that two demos and what is kept leave one another alone.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly bool _temporary;

    private DataFolder(string path, bool temporary) => (Path, _temporary) = (path, temporary);

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder that the options ask for.</summary>
    public static DataFolder For(ServeOptions options) => options.Demo
        ? new DataFolder(Directory.CreateTempSubdirectory("healthtrack-demo-").FullName, temporary: true)
        : new DataFolder(Directory.CreateDirectory(options.Data).FullName, temporary: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary)
            Directory.Delete(Path, recursive: true);
    }
}
