using System.Globalization;
using System.Text;
using HealthTrack.Contracts.V1Alpha1.Reading;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// Reads ServiceMonitors, and with <see cref="ReadAll"/> HealthTrack's other resources, out of YAML (several documents) or JSON, strictly: unknown and repeated fields are errors, and everything wrong is
/// reported at once. Never throws on any text. At most 1 MiB, 1000 documents, 32 levels; aliases are followed up to 4 MiB.
/// </summary>
public static class ManifestReader
{
    /// <summary>The namespace of a manifest that names none, unless the caller says otherwise.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>Reads all documents of a text. A broken document does not keep the others from being read.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="origin">Where it came from, for messages: a file's name.</param>
    /// <param name="defaultNamespace">The namespace of a manifest that names none.</param>
    /// <returns>One entry a document in the order of the text; none where the text holds nothing but blanks and comments.</returns>
    public static IReadOnlyList<ManifestDocument> Read(string text, string origin, string defaultNamespace = DefaultNamespace) =>
        Read(text, origin, defaultNamespace, ResourceKind.Monitors);

    /// <summary>Reads all documents of a text that may hold every kind of HealthTrack's resources, not monitors alone.</summary>
    /// <inheritdoc cref="Read(string, string, string)"/>
    public static IReadOnlyList<ManifestDocument> ReadAll(string text, string origin, string defaultNamespace = DefaultNamespace) =>
        Read(text, origin, defaultNamespace, ResourceKind.All);

    private static List<ManifestDocument> Read(string text, string origin, string defaultNamespace, IReadOnlyList<ResourceKind> kinds)
    {
        if (text.Length > ManifestLimits.Bytes || Encoding.UTF8.GetByteCount(text) > ManifestLimits.Bytes)
            return [Unreadable(origin, 1, "is larger than 1 MiB: a manifest of monitors never needs that much")];
        text = text.TrimStart('\uFEFF');
        var documents = new List<ManifestDocument>();
        foreach (var (chunk, line) in YamlDocuments.Split(text))
        {
            if (documents.Count >= ManifestLimits.Documents)
            {
                documents.Add(Unreadable(origin, line, $"holds more than {ManifestLimits.Documents} documents: split it"));
                break;
            }
            try
            {
                documents.AddRange(ReadChunk(chunk, line).Select(n => ResourceDocument.Read(n, origin, line, defaultNamespace, kinds)));
            }
            catch (ManifestSyntaxException problem)
            {
                documents.Add(Unreadable(origin, problem.Line > 0 ? problem.Line : line, problem.Message, named: problem.Line > 0));
            }
        }
        return documents;
    }

    private static IReadOnlyList<ManifestNode> ReadChunk(string chunk, int line)
    {
        // YAML's flow style begins with a brace too.
        if (chunk.AsSpan().TrimStart() is ['{', ..] && JsonNodes.TryRead(chunk, out var node))
            return [node];
        return YamlNodes.Read(chunk, line);
    }

    private static ManifestDocument Unreadable(string origin, int line, string problem, bool named = false) => new()
    {
        Origin = origin,
        Line = line,
        Errors = [new FieldError("", named ? string.Create(CultureInfo.InvariantCulture, $"{problem} (line {line})") : problem)],
    };
}
