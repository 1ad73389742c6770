using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Paths as users write them: <c>spec.http.headers[2].name</c>, <c>metadata.labels["app.kubernetes.io/name"]</c>.</summary>
internal static partial class FieldPath
{
    public static string Child(string path, string key)
    {
        if (!Plain().IsMatch(key))
            return $"{path}[\"{Clean(key)}\"]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Text of a user made fit for a message: one line, not long.</summary>
    public static string Clean(string text, int longest = 80)
    {
        // Never through the middle of a surrogate pair.
        var end = text.Length <= longest ? text.Length : char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        var cut = end == text.Length ? text : string.Concat(text.AsSpan(0, end), "...");
        return string.Create(cut.Length, cut, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,80}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
