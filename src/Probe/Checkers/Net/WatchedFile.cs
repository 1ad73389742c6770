namespace HealthTrack.Probe.Checkers.Net;

/// <summary>
/// What a small text file says, read again when its time stamp or length changes. A stat on each use costs a microsecond and, unlike a
/// watcher, sees the swap of a mounted file.
/// </summary>
internal sealed class WatchedFile<T>(string path, Func<string, T> parse, Func<T> absent) where T : class
{
    private sealed record Version(DateTime Written, long Length, T Value);

    private Version? _version;

    public T Value
    {
        get
        {
            var file = new FileInfo(path);
            var (written, length) = file.Exists ? (file.LastWriteTimeUtc, file.Length) : (DateTime.MinValue, -1);
            if (_version is { } known && known.Written == written && known.Length == length)
                return known.Value;
            // Two threads may both read it: they read the same.
            var read = new Version(written, length, length < 0 ? absent() : Read());
            _version = read;
            return read.Value;
        }
    }

    private T Read()
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return absent();
        }
    }
}
