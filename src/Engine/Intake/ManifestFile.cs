using System.IO.Enumeration;
using System.Text;

namespace HealthTrack.Engine.Intake;

/// <summary>Reading one manifest from a folder.</summary>
internal static class ManifestFile
{
    private const int MaxBytes = 1024 * 1024;

    // Unlike what is the default, no file is left out unseen, and there is no silence where the folder may not be read.
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The names of a folder's manifests, in no order; of those that are left out no text is made.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="leaveOut">Those that are not asked for; null: none.</param>
    /// <exception cref="IOException">The folder is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IEnumerable<string> NamesIn(string folder, NamePredicate? leaveOut = null) =>
        new FileSystemEnumerable<string>(folder, (ref entry) => entry.FileName.ToString(), Everything)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && leaveOut?.Invoke(entry.FileName) != true && IsManifest(entry.FileName),
        };

    // Hidden ones and what editors leave beside a file while it is edited are none.
    private static bool IsManifest(ReadOnlySpan<char> name)
    {
        if (name[0] is '.' or '~' or '#')
            return false;
        foreach (var extension in Extensions)
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>What tells one state of a file from another without reading it; null where there is no file. Links are followed, as into a mounted ConfigMap.</summary>
    public static FileStamp? Stamp(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                return target.Exists ? new FileStamp(target.FullName, target.LastWriteTimeUtc, target.Length) : null;
            return file.Exists ? new FileStamp(null, file.LastWriteTimeUtc, file.Length) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new FileStamp(error.Message, default, -1); // a loop of links, say: reading it will tell
        }
    }

    /// <returns>The text, or else what is wrong with the file.</returns>
    public static (string Text, string? Problem) Read(string path, FileStamp stamp)
    {
        if (stamp.Length == 0)
            return ("", null); // never opened: a pipe has no length either, and would wait for its writer for ever
        if (stamp.Length > MaxBytes)
            return ("", "is larger than 1 MiB: a manifest of monitors never needs that much");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // No more than the stamp says: what has grown since has another stamp, and is read again.
            var bytes = new byte[Math.Max(stamp.Length, 0)];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return (Strict.GetString(bytes, 0, length), null);
        }
        catch (DecoderFallbackException)
        {
            return ("", "is not UTF-8 text: save it as UTF-8");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ("", $"cannot be read: {error.Message}");
        }
    }
}

/// <summary>Something that may be so of a file's name.</summary>
internal delegate bool NamePredicate(ReadOnlySpan<char> name);

/// <summary>A state of a file.</summary>
/// <param name="Target">The file that is read in the end, where that is another: a ConfigMap's update changes it.</param>
/// <param name="Written">When it was written last.</param>
/// <param name="Length">Bytes; negative where it cannot be told.</param>
internal readonly record struct FileStamp(string? Target, DateTime Written, long Length);
