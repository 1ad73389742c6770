using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// Reads YAML into nodes from the parser's events, so that limits hold before anything is built: depth, duplicate keys, and aliases by the
/// weight of what they stand for (an alias shares its node, a bomb of them costs nothing until it is written out).
/// </summary>
internal sealed class YamlNodes
{
    private readonly Dictionary<string, ManifestNode> _anchors = new(StringComparer.Ordinal);
    private readonly Parser _parser;
    private readonly int _firstLine;
    private long _weight;

    private YamlNodes(TextReader text, int firstLine)
    {
        _parser = new Parser(text);
        _firstLine = firstLine;
    }

    /// <summary>The documents of a text; those that hold nothing are left out.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="firstLine">The line that the text's first line is in its file, from 1.</param>
    /// <exception cref="ManifestSyntaxException">The text is no YAML, or beyond a limit.</exception>
    public static IReadOnlyList<ManifestNode> Read(string text, int firstLine)
    {
        using var reader = new StringReader(text);
        var nodes = new YamlNodes(reader, firstLine);
        try
        {
            return nodes.ReadStream();
        }
        catch (YamlException exception)
        {
            throw new ManifestSyntaxException($"is not YAML: {Sentence(exception)}", nodes.LineOf(exception.Start));
        }
        // The scanner was written for friendly text; on hostile text it may also fail in ways of its own.
        catch (Exception exception) when (exception is not ManifestSyntaxException and not OutOfMemoryException)
        {
            throw new ManifestSyntaxException("is not YAML", firstLine);
        }
    }

    private List<ManifestNode> ReadStream()
    {
        var documents = new List<ManifestNode>();
        _parser.Consume<StreamStart>();
        while (_parser.TryConsume<DocumentStart>(out _))
        {
            _anchors.Clear();
            _weight = 0;
            var root = ReadNode(depth: 0);
            _parser.Consume<DocumentEnd>();
            if (root is not ScalarNode { Kind: ScalarKind.Null })
                documents.Add(root);
        }
        return documents;
    }

    private ManifestNode ReadNode(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias);
        var line = LineOf(_parser.Current?.Start ?? default);
        if (depth > ManifestLimits.Depth)
            throw ManifestLimits.TooDeep(line);
        if (_parser.TryConsume<Scalar>(out var scalar))
            return Keep(scalar.Anchor, Charge(YamlScalars.Read(scalar, line)));
        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            RefuseTag(sequence.Tag, "tag:yaml.org,2002:seq", line);
            var items = new List<ManifestNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadNode(depth + 1));
            return Keep(sequence.Anchor, new ListNode(line, items));
        }
        var mapping = _parser.Consume<MappingStart>();
        RefuseTag(mapping.Tag, "tag:yaml.org,2002:map", line);
        return Keep(mapping.Anchor, ReadMap(line, depth));
    }

    private MapNode ReadMap(int line, int depth)
    {
        var entries = new List<MapEntry>();
        var duplicates = new List<MapEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyLine = LineOf(_parser.Current?.Start ?? default);
            if (!_parser.TryConsume<Scalar>(out var key))
                throw new ManifestSyntaxException("has a key that is not a plain text (is it a template that was not filled in?)", keyLine);
            if (key.Value == "<<" && key.Style == ScalarStyle.Plain)
                throw new ManifestSyntaxException("uses a merge key (<<): write the fields out", keyLine);
            _ = YamlScalars.WellFormed(key.Value, keyLine);
            Charge(key.Value.Length + 1, keyLine);
            var entry = new MapEntry(key.Value, keyLine, ReadNode(depth + 1));
            (seen.Add(key.Value) ? entries : duplicates).Add(entry);
        }
        return new MapNode(line, entries, duplicates);
    }

    private ManifestNode Resolve(AnchorAlias alias)
    {
        var line = LineOf(alias.Start);
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw new ManifestSyntaxException($"uses the alias *{FieldPath.Clean(alias.Value.Value)}, which no complete anchor before it has", line);
        return Charge(node);
    }

    private ManifestNode Keep(AnchorName anchor, ManifestNode node)
    {
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
        return node;
    }

    private ManifestNode Charge(ManifestNode node)
    {
        Charge(node.Weight, node.Line);
        return node;
    }

    private void Charge(long weight, int line)
    {
        _weight += weight;
        if (_weight > ManifestLimits.Weight)
            throw ManifestLimits.TooHeavy(line);
    }

    private static void RefuseTag(TagName tag, string allowed, int line)
    {
        if (!tag.IsEmpty && !tag.IsNonSpecific && tag.Value != allowed)
            throw new ManifestSyntaxException("uses a YAML tag that a manifest has no use for: leave the tag out", line);
    }

    private int LineOf(Mark mark) => _firstLine + (int)Math.Max(0, mark.Line - 1);

    // The parser's messages may quote a name of the text, which may hold any character.
    private static string Sentence(YamlException exception)
    {
        var message = FieldPath.Clean(exception.Message.TrimEnd('.', ' '), 160);
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : "the parser gives no reason";
    }
}
