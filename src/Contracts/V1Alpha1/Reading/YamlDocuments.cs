namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// Cuts a text at its document markers before anything is parsed, so that a document that is no YAML does not take the next one with it. A line
/// that begins with <c>---</c> and a blank can be nothing else (YAML 1.2, rule c-forbidden).
/// </summary>
internal static class YamlDocuments
{
    /// <returns>The documents with the line that each begins in, from 1.</returns>
    public static IEnumerable<(string Text, int Line)> Split(string text)
    {
        var start = 0;
        var startLine = 1;
        var line = 1;
        var directivesOnly = true;
        for (var at = 0; at < text.Length; line++)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            var marker = IsMarker(text.AsSpan(at, next - at));
            if (marker && !directivesOnly)
            {
                yield return (text[start..at], startLine);
                (start, startLine) = (at, line);
            }
            // Comments and directives before a marker belong to the document that the marker begins.
            directivesOnly = directivesOnly && !marker && IsPrologue(text.AsSpan(at, next - at));
            at = next;
        }
        if (start < text.Length)
            yield return (text[start..], startLine);
    }

    private static bool IsMarker(ReadOnlySpan<char> line) =>
        line.StartsWith("---", StringComparison.Ordinal) && (line.Length == 3 || char.IsWhiteSpace(line[3]));

    private static bool IsPrologue(ReadOnlySpan<char> line) => line.IsWhiteSpace() || line[0] is '%' or '#';
}
