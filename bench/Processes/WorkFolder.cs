namespace HealthTrack.Bench.Processes;

/// <summary>A folder for one run of a bench, gone with its end.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("healthtrack-bench-");

    /// <summary>A new folder in it.</summary>
    public string Make(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
