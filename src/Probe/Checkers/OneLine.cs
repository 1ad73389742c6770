namespace HealthTrack.Probe.Checkers;

/// <summary>Text from elsewhere, made fit for a one-line message.</summary>
internal static class OneLine
{
    /// <summary>Control characters become spaces and all past <paramref name="limit"/> characters an ellipsis.</summary>
    public static string Of(ReadOnlySpan<char> text, int limit = 160)
    {
        text = text.Trim();
        var cut = text.Length > limit;
        if (cut)
            text = text[..(char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit)];
        Span<char> line = stackalloc char[text.Length];
        for (var i = 0; i < text.Length; i++)
            line[i] = char.IsControl(text[i]) || text[i] is '\u2028' or '\u2029' ? ' ' : text[i];
        return cut ? string.Concat(line, "…") : line.ToString();
    }
}
