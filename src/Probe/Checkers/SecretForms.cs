using System.Text.Encodings.Web;
using System.Text.Json;

namespace HealthTrack.Probe.Checkers;

/// <summary>The forms in which a target may echo a sensitive text.</summary>
internal static class SecretForms
{
    // A shorter line of several, such as the last one of a key, may be an ordinary word.
    private const int ShortestLine = 8;

    /// <summary>As it is, escaped for URLs and for JSON, with other line breaks, and each line of several.</summary>
    public static IEnumerable<string> Of(string value)
    {
        var text = value.Trim();
        if (text.Length == 0)
            return [];
        var lines = text.Split(["\r\n", "\n", "\r"], StringSplitOptions.None);
        // The frame of a PEM file is no secret.
        var parts = lines.Length == 1 ? [] : lines.Select(l => l.Trim()).Where(l => l.Length >= ShortestLine && !l.StartsWith("-----", StringComparison.Ordinal));
        string[] wholes = lines.Length == 1 ? [text] : [text, string.Join('\n', lines), string.Join("\r\n", lines), string.Join(' ', lines)];
        return wholes.Concat(parts).SelectMany(Escaped);
    }

    private static IEnumerable<string> Escaped(string text)
    {
        yield return text;
        var url = Uri.EscapeDataString(text);
        yield return url;
        // As forms write a blank, and as servers that prefer lower-case digits write all.
        yield return url.Replace("%20", "+", StringComparison.Ordinal);
        yield return LowerDigits(url);
        // What a URL's parser leaves as it is, such as + and @ in a query.
        if (Uri.TryCreate($"http://h/?{text}", UriKind.Absolute, out var parsed))
            yield return parsed.GetComponents(UriComponents.Query, UriFormat.UriEscaped);
        yield return JsonEncodedText.Encode(text, JavaScriptEncoder.Default).Value;
        var relaxed = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value;
        yield return relaxed;
        yield return relaxed.Replace("/", "\\/", StringComparison.Ordinal);
    }

    private static string LowerDigits(string url) => string.Create(url.Length, url, static (span, from) =>
    {
        for (var i = 0; i < from.Length; i++)
            span[i] = (i > 0 && from[i - 1] == '%') || (i > 1 && from[i - 2] == '%') ? char.ToLowerInvariant(from[i]) : from[i];
    });
}
