using System.Text;

namespace HealthTrack.Engine.Storage;

/// <summary>What every driver does to free text before it is written, so that all give back the same.</summary>
internal static class StoredText
{
    /// <summary>Longest message kept, bytes of UTF-8.</summary>
    public const int MaxMessageBytes = 1024;

    /// <summary>Longest issuer kept, characters.</summary>
    public const int MaxIssuerLength = 256;

    /// <summary>
    /// Cuts to <see cref="MaxMessageBytes"/> between two characters. NUL, which Postgres cannot store and SQLite's text functions stop at,
    /// and halves of surrogate pairs become U+FFFD.
    /// </summary>
    public static string? Message(string? text)
    {
        if (text is null)
            return null;
        // Three bytes a UTF-16 unit at most: nearly every message is known to fit without being counted.
        if (text.Length * 3 <= MaxMessageBytes && !NeedsRepair(text))
            return text;

        var kept = new StringBuilder(Math.Min(text.Length, MaxMessageBytes));
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var written = rune.Value == 0 ? Rune.ReplacementChar : rune;
            bytes += written.Utf8SequenceLength;
            if (bytes > MaxMessageBytes)
                break;
            kept.Append(written.ToString());
        }

        return kept.ToString();
    }

    /// <summary>A name, which is never null: cut and repaired the same way.</summary>
    public static string Name(string text) => Message(text)!;

    /// <summary>A certificate's issuer, cut to <see cref="MaxIssuerLength"/> and repaired the same way: a target's certificate may hold anything.</summary>
    public static string Issuer(string text)
    {
        // A pair that the cut would halve stays out.
        var length = text.Length <= MaxIssuerLength ? text.Length
            : char.IsSurrogatePair(text[MaxIssuerLength - 1], text[MaxIssuerLength]) ? MaxIssuerLength - 1 : MaxIssuerLength;
        return Message(text[..length])!;
    }

    private static bool NeedsRepair(string text)
    {
        foreach (var unit in text)
        {
            if (unit == 0 || char.IsSurrogate(unit))
                return true;
        }

        return false;
    }
}
