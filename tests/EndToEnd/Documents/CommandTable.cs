namespace HealthTrack.EndToEnd.Tests.Documents;

/// <summary>What holds each command to its word: the file commands.txt beside this one, which explains itself.</summary>
internal static class CommandTable
{
    /// <summary>The file, from the repository's root.</summary>
    public const string File = "tests/EndToEnd/Documents/commands.txt";

    /// <summary>The entries in the file's order.</summary>
    public static IReadOnlyList<Entry> Read()
    {
        var entries = new List<Entry>();
        var (kind, detail) = ("", "");
        foreach (var line in System.IO.File.ReadLines(Repository.At(File)).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[' && line[^1] == ']')
            {
                var words = line[1..^1].Split(' ', 2);
                (kind, detail) = (words[0], words.Length > 1 ? words[1] : "");
            }
            else
                entries.Add(new(kind, detail, line));
        }
        return entries;
    }

    /// <summary>One command.</summary>
    /// <param name="Kind">What is done about it: run, serve, ask, tested, needs, text.</param>
    /// <param name="Detail">By which test, or why not.</param>
    /// <param name="Command">The command.</param>
    internal sealed record Entry(string Kind, string Detail, string Command);
}
