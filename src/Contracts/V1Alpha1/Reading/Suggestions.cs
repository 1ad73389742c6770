namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>"Did you mean": what somebody who wrote an unknown word may have meant.</summary>
internal static class Suggestions
{
    private const int MaxLength = 40;

    /// <summary>
    /// The field of a schema that a name is close to, or the one that it is a part of (warn, p95), or the path of a field below it that is called
    /// just so; null where nothing is near.
    /// </summary>
    public static string? Field(SchemaNode schema, string path, string name)
    {
        var names = schema.Properties.Select(p => p.Name).ToList();
        return Nearest(names, name) ?? Whole(names, name) ?? (Below(schema, name) is { } below ? $"{path}.{below}" : null);
    }

    /// <summary>The word that a text is close to: the same but for case, or at most two slips of the hand away.</summary>
    public static string? Nearest(IEnumerable<string> words, string text)
    {
        if (text.Length is 0 or > MaxLength)
            return null;
        string? best = null;
        // One slip in a word of three or four letters, two in a longer one: else everything short is near everything.
        var bound = text.Length <= 4 ? 1 : 2;
        foreach (var word in words)
        {
            var distance = string.Equals(word, text, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(word, text);
            if (distance > bound)
                continue;
            best = word;
            bound = distance - 1;
            if (bound < 0)
                break;
        }
        return best;
    }

    private static string? Whole(List<string> names, string part)
    {
        var found = part.Length < 3 ? [] : names.FindAll(n => n.Contains(part, StringComparison.OrdinalIgnoreCase));
        return found.Count == 1 ? found[0] : null;
    }

    // A field put one level too high, url under spec, is the commonest mistake of all: the nearest level below that has it is named.
    private static string? Below(SchemaNode schema, string name)
    {
        var level = schema.Properties.Where(p => p.Schema.Type == "object").Select(p => (Path: p.Name, p.Schema)).ToList();
        while (level.Count > 0)
        {
            if (level.FirstOrDefault(l => l.Schema.Property(name) is not null) is { Path: not null } found)
                return $"{found.Path}.{name}";
            level =
            [
                .. level.SelectMany(l => l.Schema.Properties, (l, p) => (Path: $"{l.Path}.{p.Name}", p.Schema)).Where(l => l.Schema.Type == "object"),
            ];
        }
        return null;
    }

    // Damerau-Levenshtein, optimal string alignment: insertions, deletions, changes and swaps of neighbours.
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(change, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }
        return table[a.Length, b.Length];
    }
}
