using System.Text;

namespace HealthTrack.Probe.Checkers;

/// <summary>
/// Takes sensitive texts out of what a target may have echoed. Made once a plan; used only where a message is made, never on a good check.
/// </summary>
internal sealed class SecretScrubber
{
    // A shorter text would blank ordinary words, and tells no more than a guess would.
    private const int ShortestScrubbed = 4;
    private const string Mask = "***";

    private static readonly SecretScrubber Nothing = new([]);

    private readonly string[] _texts;

    private SecretScrubber(string[] texts) => _texts = texts;

    /// <summary>A scrubber of these values and of every form that <see cref="SecretForms"/> knows of them.</summary>
    public static SecretScrubber Of(IEnumerable<string> values)
    {
        string[] texts = [.. values.SelectMany(SecretForms.Of).Where(t => t.Length >= ShortestScrubbed).Distinct(StringComparer.Ordinal).OrderByDescending(t => t.Length)];
        return texts.Length == 0 ? Nothing : new SecretScrubber(texts);
    }

    /// <summary>The whole text, scrubbed.</summary>
    public string Scrub(string text) => _texts.Length == 0 ? text : Walk(text, int.MaxValue);

    /// <summary>
    /// Scrubbed first, then made one line and cut (<see cref="OneLine"/>): a text that is cut first may end in the beginning of a secret.
    /// </summary>
    public string OneLineOf(ReadOnlySpan<char> text, int limit = 160)
    {
        text = text.Trim();
        // One more than the limit, so that the cut is seen.
        return OneLine.Of(_texts.Length == 0 ? text : Walk(text, limit + 1), limit);
    }

    // From left to right, as far as is wanted: what it costs does not grow with a body of a MiB.
    private string Walk(ReadOnlySpan<char> text, int wanted)
    {
        var kept = new StringBuilder(Math.Min(text.Length, 256));
        for (var at = 0; at < text.Length && kept.Length < wanted;)
        {
            var end = at + LengthAt(text[at..]);
            if (end == at)
            {
                kept.Append(text[at++]);
                continue;
            }
            // Another one may begin within the one found and end after it.
            for (var i = at + 1; i < end; i++)
                end = Math.Max(end, i + LengthAt(text[i..]));
            kept.Append(Mask);
            at = end;
        }
        return kept.ToString();
    }

    private int LengthAt(ReadOnlySpan<char> text)
    {
        foreach (var secret in _texts)
            if (text.StartsWith(secret, StringComparison.Ordinal))
                return secret.Length;
        return 0;
    }
}
