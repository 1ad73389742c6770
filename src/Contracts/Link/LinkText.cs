using System.Text;

namespace HealthTrack.Contracts.Link;

/// <summary>Text on the link: bounded, and sound UTF-16, since anything else has no form on the wire.</summary>
internal static class LinkText
{
    /// <summary>The text cut to a length, never inside a character; lone surrogates become U+FFFD.</summary>
    public static string Cut(string text, int length = int.MaxValue)
    {
        if (text.Length > length)
            text = text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
        return Sound(text) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A text that must be there and must not be too long.</summary>
    /// <exception cref="BrokenMessageException">It is not so.</exception>
    public static string Name(string text, string field, int length = LinkLimits.NameLength)
    {
        if (text.Length == 0)
            throw new BrokenMessageException($"{field} is missing.");
        return Bounded(text, field, length);
    }

    /// <summary>A text that must not be too long.</summary>
    /// <exception cref="BrokenMessageException">It is not so.</exception>
    public static string Bounded(string text, string field, int length) => text.Length <= length
        ? text
        : throw new BrokenMessageException($"{field} is {text.Length} characters long; {length} are allowed.");

    private static bool Sound(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return false;
            i++;
        }
        return true;
    }
}
