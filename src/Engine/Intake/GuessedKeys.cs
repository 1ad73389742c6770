using System.Text.RegularExpressions;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// The names in a manifest that cannot be parsed. After a restart nothing else tells which monitors a broken file belongs to, and without a
/// name their last good form would be taken for deleted.
/// </summary>
internal static partial class GuessedKeys
{
    public static IReadOnlySet<MonitorKey> In(string text, string defaultNamespace)
    {
        var keys = new HashSet<MonitorKey>();
        foreach (var document in Separator().Split(text))
        {
            // Only the lines below metadata that are indented: the fields of other parts may be called name as well.
            if (Metadata().Match(document) is not { Success: true } metadata || Name().Match(metadata.Value) is not { Success: true } name)
                continue;
            var ns = Namespace().Match(metadata.Value);
            keys.Add(new MonitorKey(ns.Success ? ns.Groups[1].Value : defaultNamespace, name.Groups[1].Value));
        }

        return keys;
    }

    [GeneratedRegex(@"^---.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^metadata:[^\n]*\n(?:[ \t][^\n]*(?:\n|\z)|[ \t]*\r?\n)+", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Metadata();

    [GeneratedRegex(@"^[ ]{1,4}name:[ ]*[""']?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)[""']?[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[ ]{1,4}namespace:[ ]*[""']?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)[""']?[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Namespace();
}
