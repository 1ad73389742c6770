using System.Text.RegularExpressions;

namespace HealthTrack.Architecture.Tests;

/// <summary>How source is laid out. A rule returns what breaks it, one sentence each.</summary>
internal static partial class SourceRules
{
    private const int MaxLines = 300;

    /// <summary>A file that is longer than most, and why it is one idea all the same.</summary>
    public static readonly Dictionary<string, string> LongFor = new()
    {
        ["src/Engine/Results/MonitorState.cs"] = "everything that one lock guards",
    };

    private static readonly string[] WithoutNamespace = ["Program.cs", "GlobalUsings.cs", "AssemblyInfo.cs"];

    // Written in two parts, so that this file does not break its own rule.
    private static readonly string[] RegistryHosts =
    [
        "nuget" + ".org", "registry." + "npmjs.org", "npmjs" + ".com", "pypi" + ".org", "files." + "pythonhosted.org", "proxy." + "golang.org",
        "crates" + ".io", "deb." + "debian.org", "archive." + "ubuntu.com", "pkgs." + "dev.azure.com", "repo." + "maven.apache.org",
    ];

    public static IEnumerable<string> Namespace(Repository repository)
    {
        foreach (var file in repository.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)))
        {
            var folders = file.Split('/')[1..^1];
            var expected = "HealthTrack." + string.Join('.', folders);
            var found = NamespaceDeclaration().Matches(repository.Text(file)).Select(m => m.Groups["name"].Value + m.Groups["end"].Value).ToList();
            if (found.Count == 0 && WithoutNamespace.Contains(Path.GetFileName(file)))
                continue;
            if (found is not [var only] || only != expected + ";")
                yield return $"{file}: should declare 'namespace {expected};', declares {(found.Count == 0 ? "none" : string.Join(", ", found))}.";
        }
    }

    public static IEnumerable<string> Length(Repository repository, Dictionary<string, string> longFor)
    {
        foreach (var file in repository.Files.Where(IsCode))
        {
            var lines = repository.Text(file).AsSpan().Count('\n');
            if (lines > MaxLines && !longFor.ContainsKey(file))
                yield return $"{file}: {lines} lines; at most {MaxLines}, or a reason in {nameof(SourceRules)}.{nameof(LongFor)}.";
            if (lines <= MaxLines && longFor.ContainsKey(file))
                yield return $"{file}: is no longer long; take its reason out of {nameof(SourceRules)}.{nameof(LongFor)}.";
        }
        foreach (var gone in longFor.Keys.Except(repository.Files))
            yield return $"{gone}: does not exist; take its reason out of {nameof(SourceRules)}.{nameof(LongFor)}.";
    }

    public static IEnumerable<string> MachinePath(Repository repository) =>
        from file in repository.Files.Where(IsText)
        from Match match in MachinePaths().Matches(repository.Text(file))
        select $"{file}: names a path of one machine: {match.Value}.";

    public static IEnumerable<string> RegistryHost(Repository repository) =>
        from file in repository.Files.Where(IsText)
        let text = repository.Text(file)
        from host in RegistryHosts
        where text.Contains(host, StringComparison.OrdinalIgnoreCase)
        select $"{file}: names the package registry {host}; where packages come from is the machine's business.";

    private static bool IsCode(string file) =>
        file.Split('/')[0] is "src" or "tests" or "bench" && Path.GetExtension(file) is ".cs" or ".razor";

    private static bool IsText(string file) => Path.GetExtension(file)
        is not (".png" or ".jpg" or ".gif" or ".ico" or ".webp" or ".woff" or ".woff2" or ".ttf" or ".pfx" or ".p12" or ".db" or ".zip" or ".gz");

    [GeneratedRegex(@"^[ \t]*namespace[ \t]+(?<name>[A-Za-z0-9_.]+)[ \t]*(?<end>;?)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex NamespaceDeclaration();

    // A URL's or an XPath's /home/ comes after a letter, a host or another slash.
    [GeneratedRegex(@"(?<![\w.)\]}/:-])/(?:work|root|home|Users)/[\w.-]+", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePaths();
}
