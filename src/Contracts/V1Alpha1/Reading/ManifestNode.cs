namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>A piece of a manifest as written, YAML or JSON alike.</summary>
/// <param name="line">Where it begins, from 1; 0 where lines say nothing (JSON).</param>
internal abstract class ManifestNode(int line)
{
    /// <summary>Where it begins, from 1; 0 where lines say nothing.</summary>
    public int Line { get; } = line;

    /// <summary>How much it holds once aliases are written out, in characters and nodes: what bounds an alias bomb.</summary>
    public abstract long Weight { get; }

    /// <summary>How it is called in messages.</summary>
    public abstract string Noun { get; }
}

/// <summary>Fields in the order written.</summary>
internal sealed class MapNode(int line, IReadOnlyList<MapEntry> entries, IReadOnlyList<MapEntry> duplicates) : ManifestNode(line)
{
    private readonly Dictionary<string, ManifestNode> _byKey = entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);

    /// <summary>The fields, each key once.</summary>
    public IReadOnlyList<MapEntry> Entries { get; } = entries;

    /// <summary>Fields whose key had been given before.</summary>
    public IReadOnlyList<MapEntry> Duplicates { get; } = duplicates;

    public override long Weight { get; } = 1 + entries.Concat(duplicates).Sum(e => e.Key.Length + e.Value.Weight);

    public override string Noun => "a mapping";

    /// <summary>The value of a field; null where it is not given.</summary>
    public ManifestNode? Find(string key) => _byKey.GetValueOrDefault(key);
}

/// <summary>One field of a mapping.</summary>
internal readonly record struct MapEntry(string Key, int Line, ManifestNode Value);

/// <summary>A list.</summary>
internal sealed class ListNode(int line, IReadOnlyList<ManifestNode> items) : ManifestNode(line)
{
    public IReadOnlyList<ManifestNode> Items { get; } = items;

    public override long Weight { get; } = 1 + items.Sum(i => i.Weight);

    public override string Noun => "a list";
}

/// <summary>What a scalar is by YAML's core schema, or in JSON.</summary>
internal enum ScalarKind
{
    Null,
    Bool,
    Integer,
    Number,
    Text,
}

/// <summary>A scalar; numbers and booleans as JSON writes them.</summary>
internal sealed class ScalarNode(int line, ScalarKind kind, string text) : ManifestNode(line)
{
    public ScalarKind Kind { get; } = kind;

    public string Text { get; } = text;

    public override long Weight { get; } = 1 + text.Length;

    public override string Noun => Kind switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Bool => "a boolean",
        ScalarKind.Integer or ScalarKind.Number => "a number",
        _ => "a text",
    };
}

/// <summary>The text is no YAML or JSON that a manifest could be written in.</summary>
internal sealed class ManifestSyntaxException(string message, int line) : Exception(message)
{
    /// <summary>Where, from 1; 0 where lines say nothing.</summary>
    public int Line { get; } = line;
}
