using System.Text.RegularExpressions;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>What Kubernetes asks of labels and annotations beyond what a schema can say of them: the syntax of their keys.</summary>
internal static partial class MetadataRules
{
    // As the API server: the keys and values of all annotations together.
    private const int MaxAnnotations = 256 * 1024;

    private const string BadKey =
        "has a key that Kubernetes refuses: it must be a name of at most 63 letters, digits, -, _ and ., with an optional DNS name and / before it";

    public static void Check(ObjectMetadata? metadata, Findings findings)
    {
        CheckKeys("metadata.labels", metadata?.Labels, findings);
        CheckKeys("metadata.annotations", metadata?.Annotations, findings);
        if (metadata?.Annotations?.Sum(a => a.Key.Length + (long)(a.Value?.Length ?? 0)) > MaxAnnotations)
            findings.Add("metadata.annotations", "are larger than 256 KiB together");
    }

    /// <summary>Looks at the keys of labels, or of what has keys like theirs.</summary>
    public static void CheckKeys(string path, IReadOnlyDictionary<string, string>? map, Findings findings)
    {
        foreach (var key in map?.Keys ?? [])
        {
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            var name = key.AsSpan(slash + 1);
            var prefix = slash < 0 ? "dns" : key.AsSpan(0, slash);
            if (name.Length > 63 || !Name().IsMatch(name) || prefix.Length > 253 || !Prefix().IsMatch(prefix))
                findings.Add(FieldPath.Child(path, key), BadKey);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Prefix();
}
