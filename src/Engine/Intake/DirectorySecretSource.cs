using System.Text.RegularExpressions;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Intake;

/// <summary>Secrets out of files <c>namespace/name/key</c> below a folder, outside a cluster; the layout of mounted Secrets.</summary>
/// <param name="folder">The folder.</param>
public sealed partial class DirectorySecretSource(string folder) : ISecretSource
{
    // As large as a Secret may be in Kubernetes.
    private const int MaxBytes = 1024 * 1024;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>The file's text without one line break at its end: editors and <c>echo</c> add it, credentials do not end in it.</summary>
    /// <inheritdoc/>
    public async ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken)
    {
        // Every part is one path segment that names something: none can lead out of the folder.
        if (!IsSegment(ns) || !IsSegment(secret.Name) || !IsSegment(secret.Key))
            return null;
        var file = new FileInfo(Path.Combine(_folder, ns, secret.Name, secret.Key));
        try
        {
            if (ManifestFile.Stamp(file.FullName) is not { Length: >= 0 and <= MaxBytes } stamp)
                return null;
            // An empty file is not opened: a pipe has no length either.
            var text = stamp.Length == 0 ? "" : await File.ReadAllTextAsync(file.FullName, cancellationToken);
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsSegment(string text) => Segment().IsMatch(text) && text != "." && !text.StartsWith("..", StringComparison.Ordinal);

    // The characters of namespaces, names of Secrets and their keys.
    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,253}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment();
}
