using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// Declares monitors as files <c>namespace.name.yaml</c> in the folder that a <see cref="DirectoryMonitorSource"/> reads. What a person wrote
/// there is not touched. Each file appears whole or not at all.
/// </summary>
public sealed class DirectoryMonitorWriter : IMonitorWriter, IDisposable
{
    private readonly string _folder;

    // One change at a time: who declares a name is decided over all files of the folder.
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>Touches nothing yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="defaultNamespace">The namespace of a monitor that names none.</param>
    public DirectoryMonitorWriter(string folder, string defaultNamespace = ManifestReader.DefaultNamespace)
    {
        _folder = Path.GetFullPath(folder);
        DefaultNamespace = defaultNamespace;
    }

    /// <inheritdoc/>
    public string DefaultNamespace { get; }

    /// <inheritdoc/>
    public Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken)
    {
        var (path, text) = (PathOf(key), WrittenManifest.Format(manifest));
        return ChangeAsync(
            () =>
            {
                var place = Find(key);
                if (place.Declared.FirstOrDefault() is { } declaring)
                    throw new MonitorWriteException(MonitorWriteProblem.AlreadyExists, $"{key} exists already: it is declared in {declaring}.");
                if (place.Foreign)
                    throw NotOurs($"The file {Path.GetFileName(path)}, where {key} would be written, is not the API's: rename or remove it.");
                // Broken by an edit, most likely: the monitor's last good form is still in force, and the edit is not ours to throw away.
                if (place.Ours)
                    throw new MonitorWriteException(
                        MonitorWriteProblem.AlreadyExists, $"{key} exists already: {Path.GetFileName(path)} is its file, though it is broken now.");
                Write(path, text, overwrite: false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken)
    {
        var (path, text) = (PathOf(key), WrittenManifest.Format(manifest));
        return ChangeAsync(
            () =>
            {
                RequireOurs(key, Find(key));
                Write(path, text, overwrite: true);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return ChangeAsync(
            () =>
            {
                RequireOurs(key, Find(key));
                File.Delete(path);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private string PathOf(MonitorKey key) => Path.Combine(_folder, WrittenManifest.FileName(key));

    private async Task ChangeAsync(Action change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            await Task.Run(change, cancellationToken); // files have no asynchronous rename or flush
        }
        catch (DirectoryNotFoundException)
        {
            // Not made here: a folder that is away keeps its monitors, one that comes back with a single file would remove the others.
            throw new MonitorWriteException(MonitorWriteProblem.Forbidden, $"The folder {_folder} does not exist: create it or mount it again.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MonitorWriteException(MonitorWriteProblem.Forbidden, $"The folder {_folder} cannot be written: {error.Message}");
        }
        finally
        {
            _changing.Release();
        }
    }

    private static void RequireOurs(MonitorKey key, Place place)
    {
        if (place.Declared.Count == 0 && !place.Ours)
            throw new MonitorWriteException(MonitorWriteProblem.NotFound, $"No manifest declares {key}.");
        if (!place.Ours || place.Foreign || place.Shared)
            throw NotOurs($"{key} is declared in {place.Declared.FirstOrDefault() ?? WrittenManifest.FileName(key)}: change it there.");
        if (place.Declared.Count > 1)
            throw NotOurs($"{key} is declared in {string.Join(" and ", place.Declared)}: remove all but one.");
    }

    /// <summary>Where a name is declared.</summary>
    /// <param name="Declared">The files that declare it, by name.</param>
    /// <param name="Ours">Its own file exists and is the API's.</param>
    /// <param name="Foreign">Its own file exists and is somebody else's.</param>
    /// <param name="Shared">Its own file declares other monitors too: somebody added them by hand.</param>
    private sealed record Place(List<string> Declared, bool Ours, bool Foreign, bool Shared);

    private Place Find(MonitorKey key)
    {
        var own = WrittenManifest.FileName(key);
        var place = new Place([], false, false, false);
        foreach (var name in ManifestFile.NamesIn(_folder).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(_folder, name);
            if (ManifestFile.Stamp(path) is not { } stamp)
                continue;
            var (text, problem) = ManifestFile.Read(path, stamp);
            var isOwn = name == own;
            // Parsing every file of a large folder takes long: one that does not even hold the name declares nothing of it.
            var keys = isOwn || text.Contains(key.Name, StringComparison.Ordinal) ? KeysOf(text, name) : [];
            if (keys.Contains(key))
                place.Declared.Add(name);
            if (isOwn)
            {
                var ours = problem is null && WrittenManifest.IsOurs(text);
                place = place with { Ours = ours, Foreign = !ours, Shared = keys.Any(other => other != key) };
            }
        }

        return place;
    }

    private List<MonitorKey> KeysOf(string text, string name) =>
        [.. ManifestReader.Read(text, name, DefaultNamespace)
            .Where(document => document.Key is not null && document.Manifest.Length > 0)
            .Select(document => document.Key!.Value)];

    private void Write(string path, string text, bool overwrite)
    {
        var draft = Path.Combine(_folder, $".{Guid.NewGuid():N}.tmp"); // hidden: no source reads it
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true); // before the rename, or a power cut may leave an empty file under the name
            }

            if (overwrite)
                File.Move(draft, path, overwrite: true);
            else if (!AtomicFile.TryName(draft, path)) // another process was first
                throw new MonitorWriteException(MonitorWriteProblem.AlreadyExists, $"{Path.GetFileName(path)} exists already.");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static MonitorWriteException NotOurs(string message) => new(MonitorWriteProblem.NotOurs, message);
}
