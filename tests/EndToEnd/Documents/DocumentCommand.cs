using System.Text.RegularExpressions;

namespace HealthTrack.EndToEnd.Tests.Documents;

/// <summary>A command line in a code block of a page.</summary>
/// <param name="Page">The page, from the repository's root.</param>
/// <param name="Line">Its line there.</param>
/// <param name="Text">The command; its comment left out, a continued line joined.</param>
internal sealed partial record DocumentCommand(string Page, int Line, string Text)
{
    private static readonly string[] ShellFences = ["sh", "bash", "shell", "console"];

    /// <summary>Those of the README and of all pages in docs/.</summary>
    public static IReadOnlyList<DocumentCommand> All() =>
    [
        .. Directory.EnumerateFiles(Repository.At("docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal).Prepend("README.md")
            .SelectMany(page => Of(page, File.ReadAllLines(Repository.At(page)))),
    ];

    /// <summary>
    /// Those of one page. A fence that names a shell holds commands alone; one that names another language holds none. Of an indented block, or one without a name, a
    /// line is a command where it begins like one.
    /// </summary>
    public static IEnumerable<DocumentCommand> Of(string page, IReadOnlyList<string> lines)
    {
        string? fence = null;
        for (var i = 0; i < lines.Count; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } mark)
            {
                fence = fence is null ? mark.Groups[1].Value : null;
                continue;
            }
            var shell = fence is not null && ShellFences.Contains(fence);
            if (!shell && (fence is null ? !lines[i].StartsWith("    ", StringComparison.Ordinal) : fence.Length > 0))
                continue;
            var (first, text) = (i, lines[i].Trim());
            while (text.EndsWith('\\') && i + 1 < lines.Count)
                text = text[..^1].TrimEnd() + " " + lines[++i].Trim();
            text = Comment().Replace(text, "");
            if (text.StartsWith("$ ", StringComparison.Ordinal))
                text = text[2..];
            if (text.Length > 0 && text[0] != '#' && (shell || LikeACommand().IsMatch(text)))
                yield return new(page, first + 1, text);
        }
    }

    [GeneratedRegex(@"^\s*```(\w*)")]
    private static partial Regex Fence();

    [GeneratedRegex(@"(^|\s{2,})#.*$")]
    private static partial Regex Comment();

    // A program, after variables that are set for it; neither a key of YAML, nor JSON, nor a series with labels.
    [GeneratedRegex(@"^([A-Z_]+=\S+\s+)*([A-Z_]+=\$\(|(~?\.{0,2}/)?[a-z][\w./-]*(\s|$))")]
    private static partial Regex LikeACommand();
}
